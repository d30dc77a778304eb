extension HDF5Filter {
    /// The filter's common name.
    var commonName: String {
        switch id {
        case Self.deflate: "gzip"
        case Self.shuffle: "shuffle"
        case 3: "fletcher32"
        case 4: "szip"
        case 307: "bzip2"
        case 32000: "lzf"
        case 32001: "blosc"
        case Self.lz4: "lz4"
        case Self.bitshuffle: ["bitshuffle", "bitshuffle", "bitshuffle-lz4", "bitshuffle-zstd"][bitshuffleCompressor]
        case 32013: "zfp"
        case 32015: "zstd"
        default: name.isEmpty ? "filter \(id)" : name
        }
    }

    /// The Debian package whose plug-in undoes the filter; `nil` when there is none.
    private var package: String? {
        switch id {
        case 307, Self.lz4: "hdf5-filter-plugin"
        case 32000: "hdf5-plugin-lzf"
        case 32001: "hdf5-filter-plugin-blosc-serial"
        case Self.bitshuffle: "bitshuffle"
        case 32013: "hdf5-filter-plugin-zfp-serial"
        default: nil
        }
    }

    /// What follows bitshuffle: 0 nothing, 2 LZ4, 3 Zstandard. Written files carry three version numbers before it.
    private var bitshuffleCompressor: Int {
        parameters.count > 4 && parameters[4] <= 3 ? Int(parameters[4]) : 0
    }

    /// Those with which the detectors of beamlines write.
    package static let ofDetectors = [deflate, shuffle, lz4, bitshuffle].map {
        HDF5Filter(id: $0, name: "", parameters: [])
    }

    /// Why this machine cannot undo the filter; `nil` when it can.
    package var hindrance: String? {
        guard isAvailable else {
            let help = package.map { "install the Debian package \($0)" } ?? "no Debian package provides it"
            let name = commonName == "filter \(id)" ? "\(id)" : "\(commonName) (id \(id))"
            return "needs the HDF5 filter \(name), which is not available here; \(help)"
        }
        if id == Self.bitshuffle, bitshuffleCompressor == 3 {
            return "is compressed with bitshuffle-zstd, which Debian's bitshuffle plug-in decodes to wrong numbers"
        }
        return nil
    }
}
