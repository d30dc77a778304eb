import Foundation
import TestSupport
import Testing

@testable import Beamline

/// Numbers that files and configurations may give, and that no arithmetic may trap on.
@Suite struct LimitsTests {
    @Test func aFileDatedAfter2262HasAStamp() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("late.npz")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 10_413_792_000)], ofItemAtPath: file)
        #expect(FileStamp(path: file)?.modifiedNanoseconds == .max)
        #expect(FileStamp.nanoseconds(-10_413_792_000, 0) == .min)
        #expect(FileStamp.nanoseconds(9_223_372_036, 999_999_999) == .max)
        #expect(FileStamp.nanoseconds(1, 5) == 1_000_000_005)
    }

    @Test func aMemoryLimitThatNoMachineHasIsRefused() {
        #expect(throws: (any Error).self) {
            try Configuration(
                yaml: "version: 1\nwatch: [{path: /a}]\nprocessing: {memory_limit_mb: \(Int.max)}", file: "f")
        }
    }
}
