/// Which names of a watched tree matter.
package enum FileNames {
    /// The endings of scan files; of two files with the same stem, the one whose ending comes first has the plain name
    /// for its output.
    package static let endings = ["h5", "hdf5", "hdf", "he5", "nxs", "nx5", "cxi", "npz", "npy"]

    /// Whether a file of this name may hold a scan: a known ending, not hidden, not written by Lacuna.
    package static func mayHoldScan(_ name: String) -> Bool {
        guard isTraversed(name), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return endings.contains(name[dot...].dropFirst().lowercased()) && !OutputName.isOutput(name)
    }

    /// A name without its ending.
    package static func stem(of name: String) -> Substring {
        name.lastIndex(of: ".").map { $0 == name.startIndex ? name[...] : name[..<$0] } ?? name[...]
    }

    /// Whether a file has the right to the plain name of the output before another one of the same stem.
    package static func comesBefore(_ name: String, _ other: String) -> Bool {
        func rank(_ name: String) -> Int {
            let ending = name.dropFirst(stem(of: name).count + 1).lowercased()
            return endings.firstIndex(of: ending) ?? endings.count
        }
        return (rank(name), name) < (rank(other), other)
    }

    /// Whether a directory of this name is gone through.
    package static func isTraversed(_ name: String) -> Bool {
        name.utf8.first != UInt8(ascii: ".")
    }

    /// Whether this is the name of a directory in which BLISS has the detector files of one scan, e.g. `scan0001`.
    package static func isScanDirectory(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("scan") && name.count > 4 && name.dropFirst(4).allSatisfy { $0.isASCII && $0.isNumber }
    }
}
