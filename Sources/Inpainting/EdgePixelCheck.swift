public import Detectors
internal import Foundation
public import Volume

/// Tells from the counts of some frames whether the lines along a detector's seams hold sums over several pixels.
///
/// They do when they count about as many times what their neighbours outside of the seam count as the description says,
/// and the rest of the seam counts next to nothing. Where a detector's fill mode has spread the sums, or blanked them, it
/// is not so.
public struct EdgePixelCheck: Sendable {
    /// Counts of the neighbours from which the ratio says something.
    static let fewestCounts = 1000.0
    /// The largest share of the counts on the lines that the rest of the seam may hold.
    static let largestRemainder = 0.05

    private let factor: Int
    /// Pixels of the frame: a sum, the pixel beside it outside of the seam, and the others that the sum covers.
    private let samples: [(holder: Int, neighbour: Int, others: [Int])]
    private var counts = (holders: 0.0, neighbours: 0.0, others: 0.0)

    /// - Parameter mask: what is masked in every frame.
    public init(_ edges: EdgePixels, mask: PixelMask) {
        factor = edges.factor
        let shape = mask.shape
        samples = edges.lines.flatMap { line -> [(holder: Int, neighbour: Int, others: [Int])] in
            let outside = line.covers.lowerBound == line.index ? line.index - 1 : line.index + 1
            let (across, along) = line.axis == .row ? (shape.rows, shape.columns) : (shape.columns, shape.rows)
            guard (0..<across).contains(outside) else { return [] }
            func pixel(_ position: Int, _ lane: Int) -> Int {
                line.axis == .row ? position * shape.columns + lane : lane * shape.columns + position
            }
            // Where the neighbour is masked too, another seam crosses.
            return (0..<along).filter { !mask.storage[pixel(outside, $0)] }.map { lane in
                (
                    pixel(line.index, lane), pixel(outside, lane),
                    line.covers.filter { $0 != line.index }.map { pixel($0, lane) }
                )
            }
        }
    }

    /// Adds a frame as recorded, in row-major order; what is no count is 0.
    public mutating func add(_ frame: ArraySlice<Float>) {
        for sample in samples {
            counts.holders += Double(frame[frame.startIndex + sample.holder])
            counts.neighbours += Double(frame[frame.startIndex + sample.neighbour])
            for other in sample.others { counts.others += Double(frame[frame.startIndex + other]) }
        }
    }

    /// What the lines count in units of their neighbours; `nil` where there are too few counts.
    public var ratio: Double? {
        counts.neighbours >= Self.fewestCounts ? counts.holders / counts.neighbours : nil
    }

    /// Whether the lines hold sums.
    public var holdsSums: Bool {
        guard let ratio else { return false }
        // A peak on the seam lets the ratio go off the factor, but not as far as pixels of single width are.
        return abs(log(ratio / Double(factor))) < log(Double(factor)) / 2
            && counts.others <= Self.largestRemainder * counts.holders
    }
}
