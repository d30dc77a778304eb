/// What a filler made of one hidden gap.
public struct HiddenWindow: Sendable, Equatable {
    /// Pixels across it.
    public var width: Int
    /// Summed counts as measured, and as estimated.
    public var truth: Double
    public var estimate: Double
    /// Sums of the squared differences of log(1+I), and of the variances that were stated for them.
    public var squaredDifference: Double
    public var statedVariance: Double

    public init(width: Int, truth: Double, estimate: Double, squaredDifference: Double, statedVariance: Double) {
        self.width = width
        self.truth = truth
        self.estimate = estimate
        self.squaredDifference = squaredDifference
        self.statedVariance = statedVariance
    }
}

extension HiddenGapFigures {
    /// Below so many windows of a width, those of all widths tell how far stated variances hold.
    private static let fewestWindows = 4
    /// Squared errors are never taken to be less than so many times what is stated, whatever few windows say: in narrow
    /// gaps of simulated scans it was 1.1 to 1.6.
    private static let leastInflation = 1.35

    /// What hidden gaps tell of a gap of some width.
    ///
    /// - Parameter errorScale: by what stated uncertainties were multiplied before they were taken into account.
    public init(_ windows: [HiddenWindow], width: Int, errorScale: Double = 1) {
        let same = windows.filter { $0.width == width }
        self.init(samples: same.count)
        let truth = same.reduce(0) { $0 + $1.truth }
        let estimate = same.reduce(0) { $0 + $1.estimate }
        if truth > 0, estimate > 0 { intensityRatio = estimate / truth }
        let telling = same.count < Self.fewestWindows ? windows : same
        let stated = telling.reduce(0) { $0 + $1.statedVariance } * errorScale * errorScale
        if stated > 0 {
            inflation = max(Self.leastInflation, telling.reduce(0) { $0 + $1.squaredDifference } / stated)
        }
    }
}
