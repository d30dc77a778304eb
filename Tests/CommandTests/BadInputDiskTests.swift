import Foundation
import Testing

/// A full disk; runs where file systems may be mounted.
@Suite struct BadInputDiskTests {
    @Test(.enabled(if: SmallDisk.isPossible, "mounting is not permitted"))
    func aFullDiskIsNamedAndNothingIsLeft() async throws {
        try await withTemporaryDirectory { root in
            let detectors = try SmallScan.describeDetectors(in: root)
            try SmallScan.nexus(root.appending(path: "scan.h5").path(percentEncoded: false))
            try await aside {
                let disk = try SmallDisk(at: root.appending(path: "disk"), kibibytes: 16)
                let result = try LacunaProcess.runNow(
                    LacunaProcess.executable,
                    ["inpaint", "scan.h5", "--output", "disk/out.h5", "--detector-directory", detectors], in: root)
                BadInputReport.add(
                    "full disk", at: 1001, code: result.status, message: result.errors, directory: root)
                #expect(result.status == 5, "\(result.errors)")
                #expect(result.errors.hasSuffix("disk/out.h5: cannot be written: No space left on device\n"))
                let left = try FileManager.default.contentsOfDirectory(atPath: disk.directory.plainPath)
                #expect(left == [])
            }
        }
    }
}
