internal import Volume

/// How a spectrum, its frequency 0 at index 0, and a pattern, its Bragg peak in the middle, correspond.
struct CentredOrder: Sendable {
    private let shape: VolumeShape

    init(_ shape: VolumeShape) { self.shape = shape }

    /// Calls `body` for each voxel of one row of frequencies with its position among the row's lines, (column, frame),
    /// and with that in the pattern.
    @inline(__always)
    func forEachVoxel(ofSpectrumRow row: Int, _ body: (_ line: Int, _ voxel: Int) -> Void) {
        let patternRow = (row + shape.rows / 2) % shape.rows
        for column in 0..<shape.columns {
            let base = patternRow * shape.columns + (column + shape.columns / 2) % shape.columns
            for frame in 0..<shape.frames {
                let patternFrame = (frame + shape.frames / 2) % shape.frames
                body(column &* shape.frames &+ frame, base &+ patternFrame &* shape.frame.count)
            }
        }
    }
}
