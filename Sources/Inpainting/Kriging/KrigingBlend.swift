internal import Volume

/// The weighted mean of what overlapping tiles say about the voxels to be filled.
struct KrigingBlend {
    private let frames: Range<Int>
    private let plans: [GapPlan]
    /// The place of each pixel among those that any frame fills, or -1.
    private let places: [Int32]
    private var sums: BlockEstimate
    private var weights: [Float]

    init(_ block: FrameBlock) {
        frames = block.frames
        plans = block.plans
        let fillable = KrigingTile.union(of: block.plans[block.frames])
        let pixels = fillable.storage.indices.filter { fillable.storage[$0] }
        var places = [Int32](repeating: -1, count: fillable.shape.count)
        for (place, pixel) in pixels.enumerated() { places[pixel] = Int32(place) }
        self.places = places
        sums = BlockEstimate(frames: block.frames, pixels: pixels)
        weights = sums.mean
    }

    /// Adds what one tile says.
    mutating func add(_ estimate: TileEstimate, of tile: KrigingTile) {
        for frame in tile.frames.clamped(to: frames) {
            let fillable = plans[frame].fillable
            for row in tile.rows {
                let base = estimate.mean.rowBase(
                    frame: frame - tile.frames.lowerBound, row: row - tile.rows.lowerBound)
                for column in tile.columns where fillable[row, column] {
                    let weight = tile.weight(frame: frame, row: row, column: column)
                    let from = base + column - tile.columns.lowerBound
                    let place = Int(places[row * fillable.shape.columns + column])
                    let to = (frame - frames.lowerBound) * sums.pixels.count + place
                    weights[to] += weight
                    sums.mean[to] += weight * estimate.mean.storage[from]
                    let deviation = estimate.deviation.storage[from]
                    sums.deviation[to] += weight * deviation * deviation
                    sums.background[to] += weight * estimate.background.storage[from]
                }
            }
        }
    }

    /// The means.
    var estimate: BlockEstimate {
        var estimate = sums
        for index in weights.indices where weights[index] > 0 {
            estimate.mean[index] /= weights[index]
            estimate.deviation[index] = (estimate.deviation[index] / weights[index]).squareRoot()
            estimate.background[index] /= weights[index]
        }
        return estimate
    }
}
