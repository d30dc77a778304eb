public import Volume

/// Voxels that stand out from everything around them in their own frame: hot pixels and “aliens”.
///
/// A voxel is isolated when it holds more than 25 counts beyond ten times the second largest of its eight neighbours,
/// and the 24 voxels around it, without the largest, sum up to less than a tenth of it. A Bragg peak is wider than that,
/// and its surroundings are lit; on a streak, even of one pixel's width, two neighbours are as bright. So is, of course,
/// an alien of more than two pixels, which cannot be told from diffraction by this rule.
public enum IsolatedVoxels {
    private static let least: Float = 25
    private static let contrast: Float = 10
    private static let surroundings: Float = 0.1
    private static let neighboursNeeded = 3

    /// The isolated pixels of a frame, ascending.
    ///
    /// - Parameters:
    ///   - frame: its voxels, row-major.
    ///   - unusable: pixels that are neither looked at nor counted as neighbours, row-major.
    public static func pixels(of frame: ArraySlice<Float>, shape: FrameShape, unusable: [Bool]) -> [Int] {
        precondition(frame.count == shape.count && unusable.count == shape.count, "one voxel for each pixel")
        return frame.withUnsafeBufferPointer { voxels in
            voxels.indices.filter { pixel in
                voxels[pixel] > least && !unusable[pixel] && isIsolated(pixel, voxels, shape, unusable)
            }
        }
    }

    private static func isIsolated(
        _ pixel: Int, _ voxels: UnsafeBufferPointer<Float>, _ shape: FrameShape, _ unusable: [Bool]
    ) -> Bool {
        let (row, column) = (pixel / shape.columns, pixel % shape.columns)
        var (largest, second, sum, brightest, count) = (Float(0), Float(0), Float(0), Float(0), 0)
        for y in max(0, row - 2)...min(shape.rows - 1, row + 2) {
            for x in max(0, column - 2)...min(shape.columns - 1, column + 2) {
                let other = y * shape.columns + x
                guard other != pixel, !unusable[other] else { continue }
                let value = voxels[other]
                sum += max(value, 0)
                brightest = max(brightest, value)
                guard abs(y - row) <= 1, abs(x - column) <= 1 else { continue }
                count += 1
                if value > largest { (largest, second) = (value, largest) } else { second = max(second, value) }
            }
        }
        return count >= neighboursNeeded && voxels[pixel] > least + contrast * second
            && sum - brightest < surroundings * voxels[pixel]
    }
}
