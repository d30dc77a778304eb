import Foundation
import Testing

/// The commands of the laboratory, a program of its own.
@Suite struct LaboratoryTests {
    @Test(arguments: ["simulate", "train", "evaluate"])
    func withoutItsProgramTheCommandsNameItsPackage(command: String) async throws {
        try await withTemporaryDirectory { directory in
            let alone = directory.appending(path: "lacuna")
            try FileManager.default.copyItem(at: LacunaProcess.executable, to: alone)
            let arguments = ["PATH=\(directory.plainPath)", alone.plainPath, command, "--output", "/tmp/never"]
            let result = try await LacunaProcess.run(URL(filePath: "/usr/bin/env"), arguments)
            #expect(result.status == 2 && result.output.isEmpty)
            #expect(result.errors.contains("sudo apt install lacuna-lab"), "\(result.errors)")
        }
    }

    @Test func itIsFoundInThePath() async throws {
        try await withTemporaryDirectory { directory in
            let alone = directory.appending(path: "lacuna")
            try FileManager.default.copyItem(at: LacunaProcess.executable, to: alone)
            let built = LacunaProcess.executable.deletingLastPathComponent().plainPath
            let result = try await LacunaProcess.run(
                URL(filePath: "/usr/bin/env"), ["PATH=/usr/bin:\(built)", alone.plainPath, "train", "--help"])
            #expect(result.status == 0 && result.output.contains("USAGE: lacuna-lab train"), "\(result.output)")
        }
    }
}
