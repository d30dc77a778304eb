import Testing

@testable import Beamline

@Suite struct OutputNameTests {
    @Test(arguments: [
        ("/data/s_0001.h5", 7, "/data/s_0001_scan0007_inpainted.h5"),
        ("/data/s_0001.h5", 12345, "/data/s_0001_scan12345_inpainted.h5"),
        ("/data/a.b/c.npz", nil, "/data/a.b/c_inpainted.h5"),
        ("/data/noextension", nil, "/data/noextension_inpainted.h5"),
        ("/c.npy", nil, "/c_inpainted.h5"),
    ])
    func siblingNames(input: String, scan: Int?, expected: String) {
        #expect(OutputName.path(input: input, scan: scan) == expected)
        #expect(OutputName.isOutput(expected))
        #expect(!OutputName.isOutput(input))
    }

    @Test func outputsMirrorTheTree() {
        var root = WatchedRoot(path: "/data/id01")
        root.outputDirectory = "/processed"
        #expect(
            OutputName.path(input: "/data/id01/RAW_DATA/s/s.h5", scan: 1, root: root)
                == "/processed/RAW_DATA/s/s_scan0001_inpainted.h5"
        )
        #expect(OutputName.path(input: "/data/id01/s.h5", scan: 1, root: root) == "/processed/s_scan0001_inpainted.h5")
    }
}
