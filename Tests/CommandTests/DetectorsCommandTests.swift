import Foundation
import Testing

/// `lacuna detectors`: what is known, and what is not.
@Suite struct DetectorsCommandTests {
    @Test func aSingleModuleHasNoGapsAndOthersAreUnknown() async throws {
        try await withTemporaryDirectory { directory in
            try Data("name: mystery\nshape: [100, 200]\npixel_size_um: 55\n".utf8)
                .write(to: directory.appending(path: "mystery.yaml"))
            let run = try await LacunaProcess.run("detectors", "--detector-directory", directory.plainPath)
            func line(_ name: String) -> String {
                run.output.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.map(String.init) ?? ""
            }
            for name in ["maxipix-1x1", "timepix", "eiger2-500k", "jungfrau-500k", "pilatus-100k", "lambda-60k"] {
                #expect(line(name).hasSuffix("no gaps (one module)"), "\(line(name))")
            }
            for name in ["lambda-9m", "mystery"] {
                #expect(line(name).hasSuffix("gaps unknown"), "\(line(name))")
            }
            #expect(line("maxipix-2x2").hasSuffix("rows 255:261, columns 255:261"))
        }
    }
}
