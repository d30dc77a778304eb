import Foundation
import TestSupport
import Testing

@testable import Beamline

/// Numbers that files and configurations may give, and that no arithmetic may trap on.
@Suite struct LimitsTests {
    /// What changes a file changes its stamp, even if its time of modification was set back.
    @Test func aStampTellsFilesOfOneTimeApart() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("a", "12")
        func stamp() throws -> FileStamp {
            var times = [timeval](repeating: timeval(tv_sec: 1_700_000_000, tv_usec: 0), count: 2)
            #expect(utimes(path, &times) == 0)
            return try #require(try FileStamp.read(path))
        }
        let first = try stamp()
        #expect(try stamp() == first)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("3".utf8))
        let longer = try stamp()
        #expect(longer.size == 3 && longer != first && longer.inode == first.inode)
        let other = try directory.write("b", "123")
        #expect(rename(other, path) == 0)
        #expect(try stamp() != longer)
    }

    @Test func aFileDatedAfter2262HasAStamp() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("late.npz")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 10_413_792_000)], ofItemAtPath: file)
        #expect(try FileStamp.read(file)?.modifiedNanoseconds == .max)
        #expect(FileStamp.nanoseconds(-10_413_792_000, 0) == .min)
        #expect(FileStamp.nanoseconds(9_223_372_036, 999_999_999) == .max)
        #expect(FileStamp.nanoseconds(1, 5) == 1_000_000_005)
    }

    @Test(
        arguments: [
            (UInt64(1 << 40), UInt64(1 << 20), 1 << 40), (.max, .max, .max), (.max, 1, Int.max >> 19), (5, 512, 0),
        ] as [(UInt64, UInt64, Int)]) func freeSpaceIsToldWhateverTheFileSystemSays(
            blocks: UInt64, size: UInt64, mebibytes: Int
        )
    {
        #expect(FreeSpace.mebibytes(blocks: blocks, ofBytes: size) == mebibytes)
    }

    @Test func aSleeperEndsWithoutADescriptorForAPipe() async throws {
        let signal = StopSignal(pipe: nil)
        let start = ContinuousClock.now
        #expect(!signal.wait(milliseconds: 20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
        let ended = Counter(0)
        let thread = Thread {
            while !signal.isRaised { _ = signal.wait(milliseconds: -1) }
            ended.value = 1
        }
        thread.start()
        signal.raise()
        try await eventually("the sleeper ends") { ended.value == 1 }
    }

    @Test func aMemoryLimitThatNoMachineHasIsRefused() {
        #expect(throws: (any Error).self) {
            try Configuration(
                yaml: "version: 1\nwatch: [{path: /a}]\nprocessing: {memory_limit_mb: \(Int.max)}", file: "f")
        }
    }
}
