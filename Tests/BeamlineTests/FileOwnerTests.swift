import Conventions
import Testing

@testable import Beamline

@Suite struct FileOwnerTests {
    @Test(arguments: [
        ("/d/s/s.h5", ["s.h5"], FileOwner.itself),
        ("/d/s/scan0001/mpx_0000.h5", ["s.h5"], .others(["/d/s/s.h5"])),
        ("/d/s/scan0001/bliss_master.h5", ["s.h5"], .others(["/d/s/s.h5"])),
        ("/d/s/scan0001/mpx_0000.h5", ["s.npz"], .orphan),
        ("/d/s/scans/x.h5", ["s.h5"], .itself),
        ("/d/x_data_000001.h5", ["x_master.h5", "y_master.h5"], .others(["/d/x_master.h5"])),
        ("/d/x_data_000001.h5", ["y_master.h5"], .orphan),
        ("/d/x_data_000001.h5", ["x.nxs"], .others(["/d/x.nxs"])),
        ("/d/x_000001.h5", ["x.nxs"], .others(["/d/x.nxs"])),
        ("/d/x_000001.h5", ["y.nxs"], .itself),
        ("/d/x_0001.h5", ["x.nxs"], .itself),
        ("/d/x_master.h5", ["x_master.h5"], .itself),
    ])
    func owners(path: String, siblings: [String], expected: FileOwner) {
        #expect(FileOwner(of: path) { _ in siblings } == expected)
    }

    @Test(arguments: [
        ("a.h5", true), ("A.H5", true), ("a.hdf5", true), ("a.nxs", true), ("a.cxi", true), ("a.npz", true),
        ("a.npy", true), (".a.h5", false), ("a_inpainted.h5", false), ("a_inpainted.png", false), ("a.txt", false),
        ("a.h5~", false), ("h5", false),
    ])
    func names(name: String, mayHoldScan: Bool) {
        #expect(FileNames.mayHoldScan(name) == mayHoldScan)
    }
}
