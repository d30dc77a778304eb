internal import Foundation
public import Volume

/// Writes the NeXus file of an inpainted scan, block by block, (frame, slow = row, fast = column).
///
/// The file grows under a hidden name in the directory of its final one, which it takes when it is complete. A writer
/// that fails, is discarded or is let go before that leaves nothing behind. Frames are compressed on several threads,
/// each of which holds about twice the memory of a frame.
public final class InpaintedFileWriter {
    let header: InpaintedFileHeader
    private let partial: PartialFile
    let compression: OutputCompression
    /// One for each thread.
    let encoders: [FrameEncoder]
    /// `nil` once the file is finished or discarded.
    private var output: Output?
    /// Frames written so far.
    private(set) var frames = 0

    /// Parts of the raw file that could not be taken over, with the reason.
    public private(set) var remarks: [String] = []

    /// What is open while frames come in.
    struct Output {
        var tree: NexusTree
        var data: HDF5Dataset
        var errors: HDF5Dataset
        var inpainted: MaskDataset
        var unusable: MaskDataset
    }

    /// Creates the hidden file and writes what is known before the first frame.
    ///
    /// - Parameters:
    ///   - path: the final place of the file.
    ///   - claim: the right to that place; `nil` to replace whatever lies there in the end.
    ///   - threads: how many threads compress; 0 stands for all processors.
    /// - Throws: ``ScanFileError`` of the kind `output` with the system's reason.
    public init(
        path: String, claim: OutputClaim? = nil, header: InpaintedFileHeader, compression: OutputCompression = .gzip,
        threads: Int = 0
    ) throws(ScanFileError) {
        precondition(header.elementType.isFloatingPoint, "voxels are written as float32 or float64")
        guard compression.isAvailable else {
            throw ScanFileError(.output, path: path, problem: "the HDF5 plug-in for bitshuffle is not installed")
        }
        self.header = header
        self.compression = compression
        let processors = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        // More threads than this outrun any disk and only take memory.
        encoders = (0..<min(processors, 16)).map { _ in
            FrameEncoder(pixels: header.shape.frame.count, elementSize: header.elementType.size)
        }
        partial = try PartialFile(for: path, replacing: claim?.occupant ?? .anything)
        let file = try HDF5File(creating: partial.path, for: path)
        do throws(HDF5Failure) {
            output = try Self.prepare(header, in: file, compression: compression, encoder: encoders[0])
            remarks = output?.tree.remarks ?? []
        } catch {
            file.divertToMemory()
            throw Self.outputError(path, error)
        }
    }

    deinit { discard() }

    /// Writes the next frames.
    ///
    /// - Parameters:
    ///   - data: counts of `Float` or `Double` as ``InpaintedFileHeader/elementType`` says, gaps filled.
    ///   - errors: the uncertainty of each voxel.
    ///   - masks: what is estimated and what is unusable.
    /// - Throws: ``ScanFileError`` of the kind `output` with the system's reason; the writer is then discarded.
    /// - Precondition: the shapes agree with the header and its number of frames is not exceeded.
    public func append<Count: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
        _ data: Volume<Count>, errors: VoxelErrors = .poisson, masks: BlockMasks
    ) throws(ScanFileError) {
        precondition(data.shape.frame == header.shape.frame, "frames of \(data.shape) for \(header.shape)")
        precondition(frames + data.shape.frames <= header.shape.frames, "more frames than \(header.shape)")
        precondition(MemoryLayout<Count>.size == header.elementType.size, "\(Count.self) for \(header.elementType)")
        try perform { output throws(HDF5Failure) in
            try write(data, errors: errors, masks: masks, to: output)
            for frame in 0..<data.shape.frames {
                output.inpainted.append(masks[frame].inpainted)
                output.unusable.append(masks[frame].unusable)
            }
        }
        frames += data.shape.frames
    }

    /// Writes the record of the processing, makes the file durable and gives it its final name.
    ///
    /// - Parameter free: the estimates that the mask for phase retrieval leaves free beside what is unusable.
    /// - Throws: ``ScanFileError`` of the kind `output` with the system's reason; nothing is left behind then.
    /// - Precondition: all frames of the header were appended.
    public func finish(_ process: InpaintingProcess, free: FreeEstimates = .none) throws(ScanFileError) {
        precondition(frames == header.shape.frames, "\(frames) of \(header.shape.frames) frames were written")
        let size = try perform { output throws(HDF5Failure) in
            try output.unusable.write(in: output.tree.data, shape: header.shape)
            try output.inpainted.write(in: output.tree.data, shape: header.shape)
            try output.tree.write(process, header: header)
            let encoder = encoders[0]
            try output.tree.writeCoherentImagingGroup { detector throws(HDF5Failure) in
                try free.writeMask(
                    "mask", in: detector, data: output.tree.data, shape: header.shape, encoder: encoder)
            }
            return try output.tree.file.size
        }
        // HDF5 1.10 can never close a file whose flushing failed, so it must not fail for want of room.
        do throws(ScanFileError) {
            try partial.reserve(bytes: size)
        } catch {
            discard()
            throw error
        }
        try perform { output throws(HDF5Failure) in try output.tree.file.flush() }
        output = nil  // closes the file
        try partial.commit()
    }

    /// Gives the file up and removes it; later calls do nothing.
    public func discard() {
        output?.tree.file.divertToMemory()
        output = nil
        partial.remove()
    }

    // MARK: -

    private static func prepare(
        _ header: InpaintedFileHeader, in file: HDF5File, compression: OutputCompression, encoder: FrameEncoder
    ) throws(HDF5Failure) -> Output {
        let shape = header.shape
        let tree = try NexusTree(header, to: file)
        func createDataset(_ name: String, _ type: ElementType) throws(HDF5Failure) -> HDF5Dataset {
            let chunk = [1, shape.rows, shape.columns]
            let dataset = try tree.data.createDataset(
                name, shape: shape.extents, type: type,
                storage: compression.storage(chunk: chunk, elementSize: type.size))
            try dataset.setAttribute("units", to: "counts")
            return dataset
        }
        let data = try createDataset("data", header.elementType)
        try data.setAttribute("interpretation", to: "image")
        try data.setAttribute("long_name", to: "counts as recorded where measured, estimates elsewhere")
        let errors = try createDataset("data_errors", .float32)
        try errors.setAttribute(
            "long_name",
            to: "standard uncertainty: √counts where measured; where filled, standard deviation of the count that "
                + "would be measured, which follows a negative binomial law of mean data and variance data_errors²; NaN "
                + "where the method states none")
        return Output(
            tree: tree, data: data, errors: errors,
            inpainted: MaskDataset("inpainted", longName: "1: the value is an estimate", encoder: encoder),
            unusable: MaskDataset("data_mask", longName: "1: neither measured nor filled", encoder: encoder))
    }

    /// Does a step on the open file; a failure discards the file.
    private func perform<Result>(
        _ step: (inout Output) throws(HDF5Failure) -> Result
    ) throws(ScanFileError) -> Result {
        guard var output else {
            throw ScanFileError(.output, path: partial.finalPath, problem: "the file was discarded before")
        }
        self.output = nil
        do throws(HDF5Failure) {
            let result = try step(&output)
            self.output = output
            return result
        } catch {
            output.tree.file.divertToMemory()
            partial.remove()
            throw Self.outputError(partial.finalPath, error)
        }
    }

    private static func outputError(_ path: String, _ failure: HDF5Failure) -> ScanFileError {
        if let number = failure.systemError { return PartialFile.error(path, "cannot be written", number) }
        return ScanFileError(.output, path: path, problem: "cannot be written: \(failure)")
    }
}

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
