internal import CHDF5
internal import Volume

extension HDF5Dataset {
    /// The number of frames: the first extent, or 1 for a single image.
    var frameCount: Int { shape.count == 3 ? shape[0] : 1 }

    /// The last two extents.
    ///
    /// - Precondition: There are at least two axes.
    var frameShape: FrameShape { FrameShape(rows: shape[shape.count - 2], columns: shape[shape.count - 1]) }

    /// Frames, within a range, of which at least a part was never written and would read as zeros.
    ///
    /// What was stored in one piece counts as written once it has storage.
    func unwrittenFrames(among frames: Range<Int>) throws(ScanFileError) -> [Range<Int>] {
        guard case .chunked(let chunk) = layout else {
            return storageSize() == 0 && !frames.isEmpty ? [frames] : []
        }
        let perAxis = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
        guard try naming(writtenChunkCount()) < wholeChunkCount() else { return [] }

        let depth = shape.count == 3 ? chunk[0] : 1
        var runs: [Range<Int>] = []
        for slab in frames.lowerBound / depth...(frames.upperBound - 1) / depth {
            guard try !hasAllChunks(slab: slab, chunk: chunk, perAxis: perAxis) else { continue }
            let lost = (slab * depth..<(slab + 1) * depth).clamped(to: frames)
            if let last = runs.last, last.upperBound == lost.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<lost.upperBound
            } else {
                runs.append(lost)
            }
        }
        return runs
    }

    /// True when every chunk at one position along the frames was written.
    private func hasAllChunks(slab: Int, chunk: [Int], perAxis: [Int]) throws(ScanFileError) -> Bool {
        let image = chunk.count - 2
        for row in 0..<perAxis[image] {
            for column in 0..<perAxis[image + 1] {
                let offset = (image == 1 ? [slab * chunk[0]] : []) + [row * chunk[image], column * chunk[image + 1]]
                if try naming(storedSize(ofChunkAt: offset)) == 0 { return false }
            }
        }
        return true
    }
}

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

/// Some axes of a dataset held at one index each, so that three are left: one threshold, or axes of length 1.
struct HDF5Plane: Hashable, Sendable {
    /// For each axis of the dataset the index at which it is held; `nil` for an axis that stays.
    var indices: [Int?]

    /// All axes stay.
    static func whole(_ rank: Int) -> HDF5Plane { HDF5Plane(indices: Array(repeating: nil, count: rank)) }

    var isWhole: Bool { indices.allSatisfy { $0 == nil } }

    /// What is left of one value for each axis.
    func visible<Value>(_ all: [Value]) -> [Value] { zip(all, indices).filter { $0.1 == nil }.map(\.0) }

    /// One value for each axis from those of the visible ones.
    func full(_ visible: [Int], held: (_ axis: Int, _ index: Int) -> Int) -> [Int] {
        var rest = visible[...]
        return indices.enumerated().map { axis, index in index.map { held(axis, $0) } ?? rest.removeFirst() }
    }
}

extension HDF5Plane {
    /// What a mapping of the whole dataset is for the part of it that is seen.
    ///
    /// - Parameter extents: of the whole dataset.
    /// - Returns: `nil` for a mapping onto what is not seen.
    func part(of mapping: HDF5VirtualSource, extents: [Int]) -> HDF5VirtualSource? {
        var part = mapping
        let target = mapping.target ?? extents.map { LineSelection(0..<$0) }
        guard target.count == extents.count else { return mapping }
        /// For each axis that is held, which of the mapped lines is meant.
        var positions = [Int?](repeating: nil, count: extents.count)
        for (axis, index) in indices.enumerated() {
            guard let index else { continue }
            let lines = target[axis].runs(within: extents[axis]).flatMap(Array.init)
            guard let position = lines.firstIndex(of: index) else { return nil }
            positions[axis] = position
        }
        part.target = visible(target)
        guard let source = mapping.source else {
            part.sourcePlane = HDF5Plane(indices: positions)
            return part
        }
        // A source with fewer axes lacks those that are held.
        guard source.count == target.count else { return part }
        let held = positions.enumerated().map { axis, position in
            position.map { source[axis].line(at: $0) }
        }
        part.source = visible(source)
        part.sourcePlane = HDF5Plane(indices: held)
        return part
    }
}

extension LineSelection {
    /// The line at a place among those that are selected.
    fileprivate func line(at position: Int) -> Int {
        guard let block else { return start + position }
        return start + position / max(1, block) * stride + position % max(1, block)
    }
}

extension HDF5VirtualSource {
    /// The same mapping where the source has more axes than the virtual dataset, and takes one line of each further one.
    func droppingSingleLines(forRank rank: Int) -> HDF5VirtualSource {
        guard let source, source.count > max(rank, 3), sourcePlane == nil else { return self }
        var part = self
        var plane = HDF5Plane.whole(source.count)
        for axis in source.indices.dropLast(2).reversed() where plane.visible(source).count > rank {
            if source[axis].count == 1, source[axis].block == 1 { plane.indices[axis] = source[axis].start }
        }
        part.source = plane.visible(source)
        part.sourcePlane = plane
        return part
    }
}
