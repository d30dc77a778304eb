internal import ScanFiles

/// How frames are compressed; each frame is one chunk.
public enum FrameCompression: String, Sendable, CaseIterable {
    case none
    /// Deflate at level 6 without shuffle, Lima's HDF5GZ.
    case gzip
    /// Bitshuffle and LZ4, Lima's HDF5BS; needs the HDF5 plug-in of filter 32008.
    case bslz4

    /// Lima's name of the saving format.
    var limaFormat: String {
        switch self {
        case .none: "HDF5"
        case .gzip: "HDF5GZ"
        case .bslz4: "HDF5BS"
        }
    }

    var filters: [HDF5Filter] {
        switch self {
        case .none: []
        case .gzip: [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [6])]
        case .bslz4: [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])]
        }
    }
}
