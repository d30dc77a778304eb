/// Which lines along one axis a selection takes: blocks of equal length at equal distances.
package struct LineSelection: Hashable, Sendable {
    package var start: Int
    /// From the first line of a block to that of the next.
    package var stride: Int
    /// Number of blocks; `nil` as many as there are.
    package var count: Int?
    /// Lines in each block; `nil` all from `start` on.
    package var block: Int?

    package init(start: Int, stride: Int = 1, count: Int? = 1, block: Int? = 1) {
        self.start = start
        self.stride = stride
        self.count = count
        self.block = block
    }

    /// Consecutive lines.
    package init(_ lines: Range<Int>) {
        self.init(start: lines.lowerBound, stride: max(1, lines.count), block: lines.count)
    }

    /// True when it takes whatever there will be.
    var isUnlimited: Bool { count == nil || block == nil }

    /// The lines in order; what has no limit ends with the axis, what has one does not.
    func runs(within extent: Int) -> [Range<Int>] {
        guard let block else { return start < extent ? [start..<extent] : [] }
        guard block > 0, stride > 0 else { return [] }
        let blocks = count ?? max(0, (extent - start + stride - 1) / stride)
        if stride == block { return joined(blocks: blocks, of: block, within: extent) }
        let runs = (0..<blocks).map { start + $0 * stride..<start + $0 * stride + block }
        return count == nil ? runs.map { $0.clamped(to: 0..<max(extent, 0)) }.filter { !$0.isEmpty } : runs
    }

    /// Blocks without a space between them are one.
    private func joined(blocks: Int, of block: Int, within extent: Int) -> [Range<Int>] {
        let end = start + blocks * block
        let run = start..<(count == nil ? min(end, max(extent, start)) : end)
        return run.isEmpty ? [] : [run]
    }
}
