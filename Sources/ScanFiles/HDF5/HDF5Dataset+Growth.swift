internal import CHDF5

extension HDF5Dataset {
    /// Writes a block of values in row-major order.
    package func write<Number: HDF5Number>(
        _ values: [Number], start: [Int], extents: [Int]
    ) throws(HDF5Failure) {
        var failure: HDF5Failure?
        values.withUnsafeBytes { bytes in
            do throws(HDF5Failure) {
                try write(start: start, extents: extents, as: Number.elementType, from: bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Gives a chunked dataset other extents, within the maximum with which it was created.
    ///
    /// ``shape`` keeps the extents of the moment when the dataset was opened.
    package func resize(to extents: [Int]) throws(HDF5Failure) {
        precondition(extents.count == shape.count, "a dataset keeps its number of axes")
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Dset_extent(handle.id, extents.map { hsize_t($0) }) >= 0 else {
                throw HDF5Failure("extend \(path) to \(extents)")
            }
        }
    }
}
