import Conventions
import Testing

@testable import Beamline

@Suite struct OutputNameTests {
    @Test(arguments: [
        ("/data/s_0001.h5", "_scan0007", "/data/s_0001_scan0007_inpainted.h5"),
        ("/data/s_0001.h5", "_scan0007.2", "/data/s_0001_scan0007.2_inpainted.h5"),
        ("/data/a.b/c.npz", "", "/data/a.b/c_inpainted.h5"),
        ("/data/noextension", "", "/data/noextension_inpainted.h5"),
        ("/c.npy", "", "/c_inpainted.h5"),
    ])
    func siblingNames(input: String, label: String, expected: String) {
        #expect(OutputName.path(input: input, label: label) == expected)
        #expect(OutputName.isOutput(expected))
        #expect(!OutputName.isOutput(input))
    }

    @Test func filesOfOneStemHaveNamesOfTheirOwn() {
        let files = ["a.npz", "a.h5", "a.nxs", "a.b.h5", "b.npy"]
        func name(_ file: String, taken: String = "") -> String {
            let path = OutputName.path(
                input: "/d/\(file)", label: "", siblings: { _ in files }, isTaken: { $0 == "/d/\(taken)" })
            return AbsolutePath.name(of: path)
        }
        #expect(
            files.map { name($0) } == [
                "a.npz_inpainted.h5", "a_inpainted.h5", "a.nxs_inpainted.h5", "a.b_inpainted.h5", "b_inpainted.h5",
            ])
        // The output of a file that was alone before has the plain name, and keeps it.
        #expect(name("a.h5", taken: "a_inpainted.h5") == "a.h5_inpainted.h5")
    }

    @Test func outputsMirrorTheTree() {
        var root = WatchedRoot(path: "/data/id01")
        root.outputDirectory = "/processed"
        #expect(
            OutputName.path(input: "/data/id01/RAW_DATA/s/s.h5", label: "_scan0001", root: root)
                == "/processed/RAW_DATA/s/s_scan0001_inpainted.h5"
        )
        #expect(
            OutputName.path(input: "/data/id01/s.h5", label: "_scan0001", root: root)
                == "/processed/s_scan0001_inpainted.h5")
    }
}
