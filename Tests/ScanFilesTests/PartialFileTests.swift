import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct PartialFileTests {
    private typealias Sample = InpaintedFileSample

    private func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    @Test func theFileIsHiddenUntilItIsComplete() throws {
        try withTemporaryDirectory { directory in
            let writer = try InpaintedFileWriter(path: "\(directory)/scan.h5", header: Sample.header())
            #expect(try names(in: directory) == [".scan.h5.\(getpid()).partial"])
            try writer.append(Sample.counts(), masks: .uniform(Sample.masks))
            try writer.finish(Sample.process)
            #expect(try names(in: directory) == ["scan.h5"])
        }
    }

    @Test func whatIsDiscardedLeavesNothing() throws {
        try withTemporaryDirectory { directory in
            let writer = try InpaintedFileWriter(path: "\(directory)/scan.h5", header: Sample.header())
            try writer.append(Sample.counts(), masks: .uniform(Sample.masks))
            writer.discard()
            #expect(try names(in: directory) == [])
            #expect(throws: ScanFileError.self) { try writer.finish(Sample.process) }
        }
    }

    @Test func aWriterThatIsLetGoLeavesNothing() throws {
        try withTemporaryDirectory { directory in
            do {
                let writer = try InpaintedFileWriter(path: "\(directory)/scan.h5", header: Sample.header())
                #expect(writer.remarks == [])
            }
            #expect(try names(in: directory) == [])
        }
    }

    @Test func onlyLeftoversOfDeadProcessesAreRemoved() throws {
        try withTemporaryDirectory { directory in
            let alive = ".scan.h5.\(getppid()).partial"
            // No process has a number above the kernel's limit of 2^22.
            let kept = [alive, ".other.h5.99999999.partial", ".scan.h5.backup.partial"]
            for name in kept + [".scan.h5.99999999.partial", ".scan.h5.\(getpid()).partial"] {
                #expect(FileManager.default.createFile(atPath: "\(directory)/\(name)", contents: Data()))
            }
            try Sample.write(Sample.counts(), to: "\(directory)/scan.h5")
            #expect(try names(in: directory) == (kept + ["scan.h5"]).sorted())
        }
    }

    @Test func aMissingDirectoryIsNamed() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/absent/scan.h5"
            let error = #expect(throws: ScanFileError.self) {
                try InpaintedFileWriter(path: path, header: Sample.header())
            }
            #expect(error?.kind == .output)
            #expect(error?.description == "\(path): cannot be created: No such file or directory")
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
    func anUnwritableDirectoryIsNamed() throws {
        try withTemporaryDirectory { directory in
            chmod(directory, 0o555)
            defer { chmod(directory, 0o755) }
            let error = #expect(throws: ScanFileError.self) {
                try InpaintedFileWriter(path: "\(directory)/scan.h5", header: Sample.header())
            }
            #expect(error?.problem == "cannot be created: Permission denied")
        }
    }
}
