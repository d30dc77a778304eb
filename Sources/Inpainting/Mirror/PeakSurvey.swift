public import Volume

/// Finds, while a scan passes by, where the Bragg peak is.
public struct PeakSurvey: Sendable {
    private var best: (count: Float, place: [Int])?

    /// Half the extents of the box around the peak whose counts are worth knowing on both sides, (frame, row, column).
    private static let reach = [160, 160, 160]

    public init() {}

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        let data = block.data
        let brightest = concurrentMap(0..<data.shape.frames) { frame in
            data.brightest(frame: frame, mask: block.plans[frame].mask)
        }
        for (frame, found) in brightest.enumerated() where found.count > best?.count ?? 0 {
            best = (found.count, [firstFrame + frame, found.row, found.column])
        }
    }

    /// The brightest voxel, (frame, row, column); `nil` where nothing was counted.
    public var peak: [Int]? { best?.place }

    /// The part of the scan around the peak.
    public func box(within shape: VolumeShape) -> VoxelBox? {
        peak.map { peak in
            let ranges = zip(zip(peak, Self.reach), shape.extents).map { place, extent in
                (place.0 - place.1..<place.0 + place.1 + 1).clamped(to: 0..<extent)
            }
            return VoxelBox(frames: ranges[0], rows: ranges[1], columns: ranges[2])
        }
    }
}

extension Volume<Float> {
    /// The brightest measured pixel of a frame; a pixel counts no more than a neighbour does, so that hot ones do not.
    fileprivate func brightest(frame: Int, mask: PixelMask) -> (count: Float, row: Int, column: Int) {
        var best: (count: Float, row: Int, column: Int) = (0, 0, 0)
        for row in 0..<shape.rows {
            let base = rowBase(frame: frame, row: row)
            let pixels = row * shape.columns
            for column in 1..<Swift.max(1, shape.columns) {
                let count = Swift.min(storage[base &+ column], storage[base &+ column &- 1])
                if count > best.count, !mask.storage[pixels + column], !mask.storage[pixels + column - 1] {
                    best = (count, row, column)
                }
            }
        }
        return best
    }
}
