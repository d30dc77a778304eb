/// A potential's pair terms as cubic splines of the squared distance: no root and no exponential for any of the millions
/// of pairs, at errors below 1e-5 eV/Å.
struct PairTable: Sendable {
    /// The coefficients of one interval for both terms at once; they fill a cache line.
    fileprivate struct Interval: Sendable {
        var constant: SIMD2<Double>
        var linear: SIMD2<Double>
        var quadratic: SIMD2<Double>
        var cubic: SIMD2<Double>
    }

    private static let intervalCount = 2048

    /// From here on there is nothing, in Å².
    let squaredCutoff: Double
    private let first: Double
    private let perStep: Double
    private let intervals: [Interval]

    init(_ potential: TightBindingPotential) {
        squaredCutoff = potential.cutoff * potential.cutoff
        let first = 0.25 * potential.bondLength * potential.bondLength
        let step = (squaredCutoff - first) / Double(Self.intervalCount)
        (self.first, perStep) = (first, 1 / step)
        // Terms and their derivatives by the interval's own coordinate, 0 ... 1.
        let knots = (0...Self.intervalCount).map { index in
            let distance = (first + Double(index) * step).squareRoot()
            let (terms, slopes) = potential.pair(distance: distance)
            return (terms: terms, slopes: slopes * (step / (2 * distance)))
        }
        intervals = zip(knots, knots.dropFirst()).map { left, right in
            let rise = right.terms - left.terms
            return Interval(
                constant: left.terms, linear: left.slopes, quadratic: 3 * rise - 2 * left.slopes - right.slopes,
                cubic: left.slopes + right.slopes - 2 * rise)
        }
    }

    /// Gives `body` what looks terms up while the table lies still in memory.
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        intervals.withUnsafeBufferPointer {
            body(Reader(squaredCutoff: squaredCutoff, first: first, perStep: perStep, intervals: $0))
        }
    }

    /// Valid inside of `withReader` only.
    struct Reader {
        let squaredCutoff: Double
        fileprivate let first: Double
        fileprivate let perStep: Double
        fileprivate let intervals: UnsafeBufferPointer<Interval>

        /// The terms of a pair below the cutoff: repulsion, and what stands under the root.
        @inline(__always)
        func terms(_ squaredDistance: Double) -> SIMD2<Double> {
            let (interval, x) = locate(squaredDistance)
            return interval.constant + x * (interval.linear + x * (interval.quadratic + x * interval.cubic))
        }

        /// Their derivatives by the squared distance.
        @inline(__always)
        func slopes(_ squaredDistance: Double) -> SIMD2<Double> {
            let (interval, x) = locate(squaredDistance)
            return perStep * (interval.linear + x * (2 * interval.quadratic + (3 * x) * interval.cubic))
        }

        /// Nearer than the table reaches, the first interval goes on.
        @inline(__always)
        private func locate(_ squaredDistance: Double) -> (Interval, Double) {
            let place = (squaredDistance - first) * perStep
            let index = max(0, min(Int(place), intervals.count &- 1))
            return (intervals[index], place - Double(index))
        }
    }
}
