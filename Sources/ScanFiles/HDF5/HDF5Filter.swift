internal import CHDF5

/// One step of the pipeline that the chunks of a dataset went through when they were written.
package struct HDF5Filter: Sendable, Equatable {
    /// The registered filter number.
    package var id: Int
    /// The name that the file gives.
    package var name: String
    /// The filter's parameters, `cd_values`.
    package var parameters: [UInt32]
    /// True when chunks may stand in the file without it.
    package var isOptional: Bool

    package init(id: Int, name: String, parameters: [UInt32], isOptional: Bool = false) {
        self.id = id
        self.name = name
        self.parameters = parameters
        self.isOptional = isOptional
    }

    package static let deflate = 1
    package static let shuffle = 2
    package static let lz4 = 32004
    package static let bitshuffle = 32008

    /// True when this machine's HDF5 library can undo the filter; loads its plug-in.
    package var isAvailable: Bool {
        HDF5Library.perform { H5Zfilter_avail(H5Z_filter_t(id)) > 0 }
    }

    /// The filters of a dataset, in the order in which they were applied.
    static func all(of creation: hid_t, dataset: String) throws(HDF5Failure) -> [HDF5Filter] {
        var filters: [HDF5Filter] = []
        for index in 0..<max(0, H5Pget_nfilters(creation)) {
            var flags: UInt32 = 0
            var count = 32
            var parameters = [UInt32](repeating: 0, count: count)
            var name = [CChar](repeating: 0, count: 128)
            var configuration: UInt32 = 0
            let id = H5Pget_filter2(
                creation, UInt32(index), &flags, &count, &parameters, name.count, &name, &configuration)
            guard id >= 0 else { throw HDF5Failure("read the filters of \(dataset)") }
            filters.append(
                HDF5Filter(
                    id: Int(id), name: text(name), parameters: Array(parameters.prefix(count)),
                    isOptional: flags & UInt32(H5Z_FLAG_OPTIONAL) != 0))
        }
        return filters
    }
}

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
    package var decodingProblem: String? {
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
