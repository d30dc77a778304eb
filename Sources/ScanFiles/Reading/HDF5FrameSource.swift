internal import Volume

/// Frames, whole or in parts, in HDF5 datasets; HDF5 never follows a virtual dataset by itself, since it makes zeros of
/// whatever it cannot open.
struct SegmentSource: FrameSource {
    private let segments: [FrameSegment]
    private let frame: FrameShape
    private let elementType: ElementType
    /// True when some pixel may have no source.
    private let hasTiles: Bool
    private var opened: [HDF5Location: OpenDataset] = [:]

    /// Datasets that stay open at a time: one, unless they are needed in turn, as modules and interleaved writers are.
    private let mostOpen: Int

    private struct OpenDataset {
        var dataset: HDF5Dataset
        /// Frames that would read as zeros.
        var unwritten: [Range<Int>]
    }

    init(_ segments: [FrameSegment], frame: FrameShape, elementType: ElementType) {
        self.segments = segments
        self.frame = frame
        self.elementType = elementType
        hasTiles = segments.contains { !$0.tile.isWhole(of: frame) }
        mostOpen = hasTiles || Set(segments.map(\.location)).count < segments.count ? 64 : 1
    }

    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        if hasTiles { buffer.initializeMemory(as: UInt8.self, repeating: 0) }
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
            try read(first..<first + part.count, of: dataset, tile: segment.tile, into: target)
        }
    }

    private func read(
        _ frames: Range<Int>, of dataset: HDF5Dataset, tile: Tile, into target: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        if tile.isWhole(of: frame) { return try dataset.readFrames(frames, tile: tile, as: elementType, into: target) }
        let rowBytes = tile.columns.count * elementType.size
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: frames.count * tile.rows.count * rowBytes, alignment: 16)
        defer { room.deallocate() }
        try dataset.readFrames(frames, tile: tile, as: elementType, into: room)
        for (index, _) in frames.enumerated() {
            for row in 0..<tile.rows.count {
                let from = (index * tile.rows.count + row) * rowBytes
                let pixel = (index * frame.rows + tile.rows.lowerBound + row) * frame.columns + tile.columns.lowerBound
                let to = pixel * elementType.size
                UnsafeMutableRawBufferPointer(rebasing: target[to..<to + rowBytes])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: room[from..<from + rowBytes]))
            }
        }
    }

    private mutating func open(_ location: HDF5Location) throws(ScanFileError) -> OpenDataset {
        if let open = opened[location] { return open }
        if opened.count >= mostOpen { opened = [:] }
        let dataset = try HDF5Dataset.open(location)
        let unwritten = try dataset.unwrittenFrames(among: 0..<dataset.frameCount)
        let open = OpenDataset(dataset: dataset, unwritten: unwritten)
        opened[location] = open
        return open
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
        guard let plane = location.plane else { return dataset }
        guard plane.indices.count == dataset.extents.count else {
            throw ScanFileError(path: location.file, dataset: location.dataset, problem: "has changed its shape")
        }
        return dataset.seen(as: plane)
    }

    /// Reads the part of some frames that a tile takes.
    fileprivate func readFrames(
        _ frames: Range<Int>, tile: Tile, as type: ElementType, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        let isStack = shape.count == 3
        let start = (isStack ? [frames.lowerBound] : []) + [tile.firstSourceRow, tile.firstSourceColumn]
        let extents = (isStack ? [frames.count] : []) + [tile.rows.count, tile.columns.count]
        // The file may have become shorter since it was looked at.
        guard frames.upperBound <= frameCount else {
            throw ScanFileError(
                path: file.path, dataset: path, problem: "expected \(frames.upperBound) frames, found \(frameCount)")
        }
        do throws(HDF5Failure) { try read(start: start, extents: extents, as: type, into: buffer) } catch {
            guard frames.count == 1 else {
                // One by one, so that the damaged frame is named.
                for frame in frames { try readFrames(frame..<frame + 1, tile: tile, as: type, into: buffer) }
                return try naming(read(start: start, extents: extents, as: type, into: buffer))
            }
            throw ScanFileError(
                path: file.path, dataset: path,
                problem: "frame \(frames.lowerBound) cannot be read: \(error.reason); "
                    + "the file is damaged or still being written")
        }
    }
}
