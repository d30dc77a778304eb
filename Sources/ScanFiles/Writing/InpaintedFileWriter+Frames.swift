internal import Foundation
public import Volume

/// The standard uncertainty of the voxels of a block, in counts.
public enum VoxelErrors: Sendable {
    /// As photons scatter where a voxel was measured, NaN elsewhere.
    case measured(PhotonScale)
    /// One value for each voxel, in the shape of the block.
    case given(Volume<Float>)

    /// √counts where a voxel was measured, NaN elsewhere.
    public static var poisson: VoxelErrors { .measured(.counts) }
}

extension Volume where Element == Float {
    /// The Poisson uncertainty of each count: √counts; 0 where a count is negative.
    ///
    /// A model that knows the uncertainty of what it filled puts it over these values.
    public func poissonErrors() -> Volume<Float> {
        Volume(shape: shape, storage: storage.map { max($0, 0).squareRoot() })
    }
}

extension InpaintedFileWriter {
    /// Compresses the frames of a block, data and errors alike, on all threads and writes them in order.
    func write<Count: BinaryFloatingPoint & BitwiseCopyable>(
        _ data: Volume<Count>, errors: VoxelErrors, masks: BlockMasks, to output: Output
    ) throws(HDF5Failure) {
        var (given, scale): ([Float], PhotonScale) = ([], .counts)
        switch errors {
        case .given(let volume):
            precondition(volume.shape == data.shape, "errors of \(volume.shape) for data of \(data.shape)")
            given = volume.storage
        case .measured(let stated): scale = stated
        }
        let photonScale = scale
        let (first, encoders, compression) = (frames, encoders, compression)
        let (dataset, errorDataset) = (output.data, output.errors)
        let countSize = MemoryLayout<Count>.size
        let pixels = data.shape.frame.count
        try data.storage.withUnsafeBufferPointer { counts throws(HDF5Failure) in
            try given.withUnsafeBufferPointer { given throws(HDF5Failure) in
                // They are only read, and the work is over before they end.
                nonisolated(unsafe) let counts = UnsafeRawBufferPointer(counts)
                nonisolated(unsafe) let given = UnsafeRawBufferPointer(given)
                // Even items are frames of data, odd ones those of their errors.
                try inOrder(count: 2 * data.shape.frames, workers: encoders.count) { worker, item in
                    let (encoder, frame) = (encoders[worker], item / 2)
                    let counts = counts.frame(frame, size: pixels * countSize)
                    if item.isMultiple(of: 2) {
                        return compression.chunk(of: counts, elementSize: countSize, by: encoder)
                    }
                    let errors =
                        given.isEmpty
                        ? encoder.errors(of: counts, elementSize: countSize, masks: masks[frame], scale: photonScale)
                        : given.frame(frame, size: pixels * 4)
                    return compression.chunk(of: errors, elementSize: 4, by: encoder)
                } commit: { item, bytes throws(HDF5Failure) in
                    let dataset = item.isMultiple(of: 2) ? dataset : errorDataset
                    try compression.write(bytes, as: first + item / 2, of: dataset)
                }
            }
        }
    }
}

extension OutputCompression {
    /// The bytes of a frame as they are handed to ``write(_:as:of:)``, valid until the encoder is used again.
    fileprivate func chunk(
        of frame: UnsafeRawBufferPointer, elementSize: Int, by encoder: FrameEncoder
    ) -> UnsafeRawBufferPointer {
        self == .gzip ? encoder.deflate(frame, elementSize: elementSize) : frame
    }

    fileprivate func write(
        _ bytes: UnsafeRawBufferPointer, as frame: Int, of dataset: HDF5Dataset
    ) throws(HDF5Failure) {
        switch self {
        case .gzip:
            try dataset.writeStoredChunk(at: [frame, 0, 0], bytes: bytes)
        case .none, .bslz4:
            guard let type = dataset.elementType else { return }
            let extents = [1] + dataset.shape.dropFirst()
            try dataset.write(start: [frame, 0, 0], extents: extents, as: type, from: bytes)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of one frame of `size` bytes.
    fileprivate func frame(_ index: Int, size: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[(index * size)..<((index + 1) * size)])
    }
}
