internal import Volume

/// One mapping of a virtual dataset over images, as runs of consecutive frames.
struct VirtualPart {
    /// Frames of the virtual dataset and the first of the source's frames that go there.
    struct Run: Equatable {
        var frames: Range<Int>
        var firstSourceFrame: Int
    }

    /// In the order of the frames.
    var runs: [Run] = []
    /// Where the rectangle of each frame comes from.
    var tile: Tile

    /// - Parameters:
    ///   - extents: of the virtual dataset.
    ///   - sourceExtents: of the source as it is.
    /// - Returns: `nil` where the two selections do not have the same form, frame for frame and pixel for pixel.
    init?(_ mapping: HDF5VirtualSource, onto extents: [Int], from sourceExtents: [Int]) {
        let whole = { (extents: [Int]) in extents.map { LineSelection(0..<$0) } }
        guard let target = Self.axes(mapping.target ?? whole(extents), of: extents),
            let source = Self.axes(mapping.source ?? whole(sourceExtents), of: sourceExtents),
            target.rows.count == source.rows.count, target.columns.count == source.columns.count
        else { return nil }
        tile = Tile(
            rows: target.rows, columns: target.columns, firstSourceRow: source.rows.lowerBound,
            firstSourceColumn: source.columns.lowerBound)
        runs = Self.runs(target.frames, source.frames)
        // A source with a limit of its own must have as many frames as there is room for.
        guard
            mapping.source?.contains(where: \.isUnlimited) ?? true
                || Self.count(target.frames) == Self.count(source.frames)
        else { return nil }
        let left = Self.count(target.frames) - runs.reduce(0) { $0 + $1.frames.count }
        if left > 0 { addRunsWithoutSource(target.frames, sourceEnd: source.frames.last?.upperBound ?? 0) }
    }

    /// The lines of an image stack that selections take: runs of frames, one stretch of rows and one of columns.
    private static func axes(
        _ selections: [LineSelection], of extents: [Int]
    ) -> (frames: [Range<Int>], rows: Range<Int>, columns: Range<Int>)? {
        guard selections.count == extents.count, [2, 3].contains(selections.count) else { return nil }
        let lines = zip(selections, extents).map { $0.runs(within: $1) }
        let (rows, columns) = (lines[lines.count - 2], lines[lines.count - 1])
        guard rows.count == 1, columns.count == 1 else { return nil }
        return (lines.count == 3 ? lines[0] : [0..<1], rows[0], columns[0])
    }

    private static func count(_ runs: [Range<Int>]) -> Int { runs.reduce(0) { $0 + $1.count } }

    /// The n-th frame of the one for the n-th frame of the other, as far as both go.
    private static func runs(_ targets: [Range<Int>], _ sources: [Range<Int>]) -> [Run] {
        var runs: [Run] = []
        var (targets, sources) = (targets[...], sources[...])
        while let target = targets.first, let source = sources.first {
            let count = min(target.count, source.count)
            runs.append(
                Run(frames: target.lowerBound..<target.lowerBound + count, firstSourceFrame: source.lowerBound))
            targets[targets.startIndex] = target.dropFirst(count)
            sources[sources.startIndex] = source.dropFirst(count)
            if target.count == count { targets.removeFirst() }
            if source.count == count { sources.removeFirst() }
        }
        return runs
    }

    /// Frames for which the source would have to be longer: it is then found too short.
    private mutating func addRunsWithoutSource(_ targets: [Range<Int>], sourceEnd: Int) {
        var done = runs.reduce(0) { $0 + $1.frames.count }
        var next = sourceEnd
        for target in targets {
            let rest = target.dropFirst(done)
            done -= min(done, target.count)
            guard !rest.isEmpty else { continue }
            runs.append(Run(frames: rest, firstSourceFrame: next))
            next += rest.count
        }
    }
}

extension Range<Int> {
    fileprivate func dropFirst(_ count: Int) -> Range<Int> { Swift.min(lowerBound + count, upperBound)..<upperBound }
}
