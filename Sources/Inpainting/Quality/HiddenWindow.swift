/// What a filler made of one hidden gap.
public struct HiddenWindow: Sendable, Equatable {
    /// Pixels across it.
    public var width: Int
    /// Summed counts as measured, and as estimated.
    public var truth: Double
    public var estimate: Double

    public init(width: Int, truth: Double, estimate: Double) {
        self.width = width
        self.truth = truth
        self.estimate = estimate
    }
}

extension HiddenGapFigures {
    /// Windows with fewer counts tell nothing of the intensity.
    private static let fewestCounts = 100.0

    /// What hidden gaps tell of a gap of some width.
    ///
    /// The intensity ratio is the median of those of the windows: in the sum of all, a single bright one would decide.
    public init(_ windows: [HiddenWindow], width: Int) {
        let same = windows.filter { $0.width == width }
        self.init(samples: same.count)
        let ratios = same.filter { $0.truth >= Self.fewestCounts }.map { $0.estimate / $0.truth }.sorted()
        if !ratios.isEmpty { intensityRatio = (ratios[ratios.count / 2] + ratios[(ratios.count - 1) / 2]) / 2 }
    }
}
