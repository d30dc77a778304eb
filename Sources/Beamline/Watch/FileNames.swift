/// Which names of a watched tree matter.
enum FileNames {
    private static let endings: Set<String> = ["h5", "hdf5", "nxs", "cxi", "npz", "npy"]

    /// Whether a file of this name may hold a scan: a known ending, not hidden, not written by Lacuna.
    static func mayHoldScan(_ name: String) -> Bool {
        guard isTraversed(name), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return endings.contains(name[dot...].dropFirst().lowercased()) && !OutputName.isOutput(name)
    }

    /// Whether a directory of this name is gone through.
    static func isTraversed(_ name: String) -> Bool {
        name.utf8.first != UInt8(ascii: ".")
    }

    /// Whether this is the name of a directory in which BLISS has the detector files of one scan, e.g. `scan0001`.
    static func isScanDirectory(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("scan") && name.count > 4 && name.dropFirst(4).allSatisfy { $0.isASCII && $0.isNumber }
    }
}
