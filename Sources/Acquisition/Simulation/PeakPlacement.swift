internal import Detectors
internal import Volume

/// Where the Bragg peak meets a detector: so near to the gaps that they cut its fringes, and clear of them itself.
struct PeakPlacement: Equatable, Sendable {
    /// Along one axis.
    struct Axis: Equatable, Sendable {
        var peak: Int
        /// The lines of the gap nearest to the peak.
        var gap: Range<Int>?
        /// The lines that are saved.
        var saved: Range<Int>
    }

    /// Distance of the peak from the centre line of a gap, in pixels; more where the gap is wide.
    static let distance = 20
    /// Least number of lines between the peak and the edge of a gap.
    private static let clearance = 8
    /// Lines that a region shows on the far side of a gap.
    private static let margin = 8

    var rows: Axis
    var columns: Axis

    /// - Parameter region: extents of the part of the image that is saved; `nil` saves all of it.
    init(on detector: Detector, region: FrameShape?) throws(RecipeError) {
        let bands = detector.gapMask(detector.defaultForm).bands
        let shape = detector.shape
        let rowGaps = bands.filter { $0.axis == .row }.map(\.range)
        let columnGaps = bands.filter { $0.axis == .column }.map(\.range)
        rows = try Self.axis(gaps: rowGaps, extent: shape.rows, saved: region?.rows, named: "rows")
        columns = try Self.axis(gaps: columnGaps, extent: shape.columns, saved: region?.columns, named: "columns")
    }

    private static func axis(
        gaps: [Range<Int>], extent: Int, saved: Int?, named name: String
    ) throws(RecipeError) -> Axis {
        let saved = saved ?? extent
        guard (1...extent).contains(saved) else {
            throw RecipeError("a region of \(saved) \(name) on a detector of \(extent)")
        }
        let middle = extent / 2
        guard let index = gaps.indices.min(by: { gaps[$0].distance(to: middle) < gaps[$1].distance(to: middle) }) else {
            let first = (extent - saved) / 2
            return Axis(peak: middle, gap: nil, saved: first..<first + saved)
        }
        let gap = gaps[index]
        let roomBefore = gap.lowerBound - (index > 0 ? gaps[index - 1].upperBound : 0)
        let roomAfter = (index + 1 < gaps.count ? gaps[index + 1].lowerBound : extent) - gap.upperBound
        let offset = max(distance, gap.count / 2 + clearance)
        let centre = (gap.lowerBound + gap.upperBound) / 2
        let peak = roomAfter > roomBefore ? centre + offset : centre - offset

        var first = peak - saved / 2
        first = min(first, gap.lowerBound - margin)
        first = max(first, gap.upperBound + margin - saved)
        first = max(0, min(first, extent - saved))
        let range = first..<first + saved
        guard range.contains(peak), range.lowerBound < gap.lowerBound, gap.upperBound < range.upperBound else {
            throw RecipeError("\(saved) \(name) are too few to show the peak and the gap \(gap) beside it")
        }
        return Axis(peak: peak, gap: gap, saved: range)
    }
}

extension Range<Int> {
    fileprivate func distance(to line: Int) -> Int { abs(lowerBound + upperBound - 2 * line) }
}

/// What is wrong with what a simulation was asked for.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
    public var problem: String

    public init(_ problem: String) { self.problem = problem }

    public var description: String { problem }
}
