/// Which names of a watched tree matter.
enum FileNames {
    private static let endings = [".h5", ".hdf5", ".nxs", ".cxi", ".npz", ".npy"]

    /// Whether a file of this name may hold a scan: a known ending, not hidden, not written by Lacuna.
    static func mayHoldScan(_ name: String) -> Bool {
        guard !name.hasPrefix("."), !OutputName.isOutput(name) else { return false }
        let lowercased = name.lowercased()
        return endings.contains { lowercased.hasSuffix($0) }
    }

    /// Whether a directory of this name is gone through.
    static func isTraversed(_ name: String) -> Bool {
        !name.hasPrefix(".")
    }

    /// Whether this is the name of a directory in which BLISS has the detector files of one scan, e.g. `scan0001`.
    static func isScanDirectory(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("scan") && name.count > 4 && name.dropFirst(4).allSatisfy { $0.isASCII && $0.isNumber }
    }
}
