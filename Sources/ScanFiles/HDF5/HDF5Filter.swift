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
