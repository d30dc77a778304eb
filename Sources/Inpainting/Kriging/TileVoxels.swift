internal import Foundation
internal import Volume

/// The voxels of one tile, (frame, row, column), and what is known about them.
struct TileVoxels {
    /// log(1+I); where it was not measured, the first guess, or 0 without one.
    private(set) var logs: [Float]
    /// The ``CountRoot`` of each of these counts.
    private(set) var roots: [Float]
    /// What a voxel counts in the background: 1 where it was measured.
    private(set) var weights: [Float]
    let gaps: TileGaps
    /// For each unknown voxel its city-block distance to the nearest measured pixel of its frame, within the tile.
    private(set) var depths: [Int] = []
    /// Unknown voxels, as indices of `gaps.unknown`, that hold some counts together.
    private(set) var sums: [MeasuredSums.Group] = []
    /// Share of the measured voxels that hold a count.
    private(set) var signalShare = 0.0

    /// What a guessed voxel weighs in the background against a measured one: it counts only where none is near.
    static let guessWeight: Float = 0.02

    /// - Parameters:
    ///   - counts: masked voxels that were guessed hold the guess.
    ///   - masks: the masked pixels of each frame.
    ///   - guesses: the masked pixels that hold a guess.
    ///   - sums: masked voxels, as positions in the tile, that hold some counts together.
    init(counts: Volume<Float>, masks: [PixelMask], guesses: [PixelMask], sums: MeasuredSums, grid: PeriodicGrid) {
        let (values, table) = (counts.storage.span, Self.logarithms.span)
        let rootTable = Self.roots.span
        var signal = 0
        var rootsOfCounts = [Float](repeating: CountRoot.ofNone, count: values.count)
        var roots = rootsOfCounts.mutableSpan
        logs = [Float](capacity: values.count) { logs in
            for index in values.indices {
                let count = values[index]
                if count >= 1 { signal &+= 1 }
                // Masked voxels may hold anything, what is no number among it.
                guard count >= 0, count.isFinite else {
                    logs.append(0)
                    continue
                }
                // Most counts are small whole numbers, and a logarithm costs more than a look at a table.
                let whole = Int(min(count, Self.largestTabulated))
                let isTabulated = Float(whole) == count
                logs.append(isTabulated ? table[whole] : log1p(count))
                roots[index] = isTabulated ? rootTable[whole] : CountRoot.of(count)
            }
        }
        self.roots = rootsOfCounts
        weights = [Float](repeating: 1, count: logs.count)
        gaps = TileGaps(masks: masks, grid: grid)
        let size = counts.shape.frame.count
        depths.reserveCapacity(gaps.unknown.count)
        var latest: (frame: Int, mask: PixelMask, depths: [Int])?
        for voxel in gaps.unknown {
            let (frame, pixel) = voxel.quotientAndRemainder(dividingBy: size)
            if latest?.frame != frame {
                let known = latest?.mask == masks[frame] ? latest?.depths : nil
                latest = (frame, masks[frame], known ?? Self.depths(masks[frame]))
            }
            if logs[voxel] >= Self.logOfOneCount { signal -= 1 }
            let isGuessed = guesses[frame].storage[pixel]
            if !isGuessed { (logs[voxel], self.roots[voxel]) = (0, CountRoot.ofNone) }
            weights[voxel] = isGuessed ? Self.guessWeight : 0
            depths.append(latest?.depths[pixel] ?? 1)
        }
        if !sums.isEmpty {
            var indices = [Int](repeating: 0, count: logs.count)
            for (index, voxel) in gaps.unknown.enumerated() { indices[voxel] = index }
            self.sums = sums.groups.map { .init(members: $0.members.map { indices[$0] }, sum: $0.sum) }
        }
        let measured = logs.count - gaps.unknown.count
        signalShare = measured > 0 ? Double(signal) / Double(measured) : 0
    }

    private static let largestTabulated: Float = 2047
    /// log(1+I) of the whole numbers up to the largest.
    private static let logarithms = (0...Int(largestTabulated)).map { log1p(Float($0)) }
    /// The roots of the same.
    private static let roots = (0...Int(largestTabulated)).map { CountRoot.of(Float($0)) }
    private static let logOfOneCount = log1p(Float(1))

    /// Mean and variance of the measured voxels.
    var level: (mean: Float, variance: Float) {
        var (count, sum, squares) = (0.0, 0.0, 0.0)
        for index in logs.indices where weights[index] == 1 {
            count += 1
            sum += Double(logs[index])
            squares += Double(logs[index] * logs[index])
        }
        let mean = sum / max(count, 1)
        return (Float(mean), Float(max(0, squares / max(count, 1) - mean * mean)))
    }

    /// The mean of something over the measured voxels.
    @inline(__always)
    func meanMeasured(_ value: (_ index: Int) -> Float) -> Float {
        var (sum, count) = (0.0, 0)
        for index in weights.indices where weights[index] == 1 {
            sum += Double(value(index))
            count += 1
        }
        return Float(sum / Double(max(count, 1)))
    }

    /// The distance of each masked pixel from what was measured: 1 beside it.
    private static func depths(_ mask: PixelMask) -> [Int] {
        let (rows, columns) = (mask.shape.rows, mask.shape.columns)
        var depths = [Int](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for column in 0..<columns where mask[row, column] {
                let above = row > 0 ? depths[(row - 1) * columns + column] : rows
                let before = column > 0 ? depths[row * columns + column - 1] : columns
                depths[row * columns + column] = 1 + min(above, before)
            }
        }
        for row in (0..<rows).reversed() {
            for column in (0..<columns).reversed() {
                let below = row + 1 < rows ? depths[(row + 1) * columns + column] : rows
                let after = column + 1 < columns ? depths[row * columns + column + 1] : columns
                depths[row * columns + column] = min(depths[row * columns + column], 1 + min(below, after))
            }
        }
        return depths
    }
}
