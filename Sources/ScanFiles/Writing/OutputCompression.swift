/// How the voxels of an output file are stored: one frame to a chunk, or as they are.
public enum OutputCompression: String, Sendable, Codable, CaseIterable {
    /// In one piece, so that other programs can map the file into their memory.
    case none
    /// Byte shuffle and deflate, level 1: every HDF5 library reads it, without a plug-in.
    case gzip
    /// Bitshuffle with LZ4: readers, and this machine, need the HDF5 plug-in for filter 32008.
    case bslz4

    /// How a dataset of frames is stored.
    func storage(chunk: [Int], elementSize: Int) -> HDF5Storage {
        switch self {
        case .none: .plain
        case .gzip: .deflated(chunk: chunk, elementSize: elementSize)
        case .bslz4:
            HDF5Storage(
                chunk: chunk,
                filters: [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])])
        }
    }

    /// True when this machine can write it.
    public var isAvailable: Bool {
        self != .bslz4 || HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: []).isAvailable
    }
}
