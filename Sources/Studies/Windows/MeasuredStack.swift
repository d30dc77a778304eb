public import Volume

/// A measured scan whose gap-free regions serve as truth.
public struct MeasuredStack: VolumeSource {
    public let name: String
    public let plannedVolumes = 1
    public let availableVolumes = 1
    private let stack: StudyVolume

    /// - Parameters:
    ///   - counts: (frame, slow = row, fast = column); finite and not negative.
    ///   - unusable: the gaps and dead pixels of the detector. Rows and columns without a single count are taken for
    ///     gaps, too.
    public init(name: String, counts: Volume<Float>, unusable: PixelMask) {
        self.name = name
        stack = StudyVolume(counts: counts, unusable: unusable.union(Self.silentLines(of: counts)))
    }

    public func volume(_ index: Int) -> StudyVolume { stack }

    private static func silentLines(of counts: Volume<Float>) -> PixelMask {
        let shape = counts.shape
        var rows = [Bool](repeating: true, count: shape.rows)
        var columns = [Bool](repeating: true, count: shape.columns)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                let base = counts.rowBase(frame: frame, row: row)
                for column in 0..<shape.columns where counts.storage[base + column] > 0 {
                    rows[row] = false
                    columns[column] = false
                }
            }
        }
        var mask = PixelMask(shape: shape.frame)
        for row in rows.indices where rows[row] { mask.mask(rows: row..<row + 1) }
        for column in columns.indices where columns[column] { mask.mask(columns: column..<column + 1) }
        return mask
    }
}
