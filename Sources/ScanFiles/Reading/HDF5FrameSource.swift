/// Whole frames in HDF5 datasets; one file is open at a time.
struct SegmentSource: FrameSource {
    private let segments: [FrameSegment]
    private let elementType: ElementType
    private var current: OpenDataset?

    private struct OpenDataset {
        var location: HDF5Location
        var dataset: HDF5Dataset
        /// Frames that would read as zeros.
        var unwritten: [Range<Int>]
    }

    init(_ segments: [FrameSegment], elementType: ElementType) {
        self.segments = segments
        self.elementType = elementType
    }

    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        for segment in segments {
            let part = segment.frames.clamped(to: frames)
            guard !part.isEmpty else { continue }
            let open = try open(segment.location)
            let dataset = open.dataset
            let first = segment.firstSourceFrame + part.lowerBound - segment.frames.lowerBound
            if let lost = open.unwritten.first(where: { $0.overlaps(first..<first + part.count) }) {
                throw ScanFileError(
                    path: dataset.file.path, dataset: dataset.path,
                    problem: "frame \(lost.lowerBound) was never written")
            }
            let from = (part.lowerBound - frames.lowerBound) * frameBytes
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[from..<from + part.count * frameBytes])
            try dataset.readFrames(first..<first + part.count, as: elementType, into: target)
        }
    }

    private mutating func open(_ location: HDF5Location) throws(ScanFileError) -> OpenDataset {
        if let current, current.location == location { return current }
        current = nil
        let dataset = try HDF5Dataset.open(location)
        let unwritten = try dataset.unwrittenFrames(among: 0..<dataset.frameCount)
        let open = OpenDataset(location: location, dataset: dataset, unwritten: unwritten)
        current = open
        return open
    }
}

/// A virtual dataset that HDF5 puts together.
struct MosaicSource: FrameSource {
    private let dataset: HDF5Dataset
    private let elementType: ElementType

    init(_ location: HDF5Location, elementType: ElementType) throws(ScanFileError) {
        dataset = try HDF5Dataset.open(location)
        self.elementType = elementType
    }

    func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        try dataset.readFrames(frames, as: elementType, into: buffer)
    }
}

extension HDF5Dataset {
    /// Opens a dataset in a file, past all links.
    static func open(_ location: HDF5Location) throws(ScanFileError) -> HDF5Dataset {
        let walker = LinkWalker()
        let root = try walker.root(of: walker.file(location.file))
        guard let dataset = try walker.open(location.dataset, from: root)?.dataset else {
            throw ScanFileError(path: location.file, dataset: location.dataset, problem: "there is no such dataset")
        }
        return dataset
    }

    fileprivate func readFrames(
        _ frames: Range<Int>, as type: ElementType, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        let isStack = shape.count == 3
        let start = (isStack ? [frames.lowerBound] : []) + [0, 0]
        let extents = (isStack ? [frames.count] : []) + shape.suffix(2)
        // The file may have become shorter since it was looked at.
        guard frames.upperBound <= frameCount else {
            throw ScanFileError(
                path: file.path, dataset: path, problem: "expected \(frames.upperBound) frames, found \(frameCount)")
        }
        do throws(HDF5Failure) { try read(start: start, extents: extents, as: type, into: buffer) } catch {
            guard frames.count == 1 else {
                // One by one, so that the damaged frame is named.
                for frame in frames { try readFrames(frame..<frame + 1, as: type, into: buffer) }
                return try naming(read(start: start, extents: extents, as: type, into: buffer))
            }
            throw ScanFileError(
                path: file.path, dataset: path,
                problem: "frame \(frames.lowerBound) cannot be read: \(error.reason); "
                    + "the file is damaged or still being written")
        }
    }
}
