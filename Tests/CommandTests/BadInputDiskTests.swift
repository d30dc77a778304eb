import Foundation
import Testing

/// A full disk; runs where file systems may be mounted.
@Suite struct BadInputDiskTests {
    private static let canMount: Bool = {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lacuna-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return (try? withDisk(at: directory) { true }) ?? false
    }()

    @Test(.enabled(if: canMount, "mounting is not permitted"))
    func aFullDiskIsNamedAndNothingIsLeft() async throws {
        try await withTemporaryDirectory { root in
            let detectors = try SmallScan.describeDetectors(in: root)
            try SmallScan.nexus(root.appending(path: "scan.h5").path(percentEncoded: false))
            let disk = root.appending(path: "disk")
            try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: false)
            try await aside {
                try Self.withDisk(at: disk) {
                    let result = try LacunaProcess.runNow(
                        LacunaProcess.executable,
                        ["inpaint", "scan.h5", "--output", "disk/out.h5", "--detector-directory", detectors], in: root)
                    BadInputReport.add(
                        "full disk", at: 1001, code: result.status, message: result.errors, directory: root)
                    #expect(result.status == 5, "\(result.errors)")
                    #expect(result.errors.hasSuffix("disk/out.h5: cannot be written: No space left on device\n"))
                    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path(percentEncoded: false)) == [])
                }
            }
        }
    }

    /// Runs `body` with a disk of 16 kB mounted.
    private static func withDisk<Result>(at directory: URL, _ body: () throws -> Result) throws -> Result {
        let path = directory.path(percentEncoded: false)
        let result = try LacunaProcess.runNow(
            URL(filePath: "/usr/bin/env"), ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", path])
        guard result.status == 0 else { throw CocoaError(.executableNotLoadable) }
        defer { _ = try? LacunaProcess.runNow(URL(filePath: "/usr/bin/env"), ["umount", path]) }
        return try body()
    }
}
