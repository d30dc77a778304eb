internal import Foundation
public import Volume
public import WorkMessages

/// What the filler's own uncertainties say of the voxels of one gap, gathered voxel by voxel.
///
/// Their ``ExpectedCorrelation`` is what the fill can be expected to reach. A perfect fill would know the expectation of
/// every count and miss photon noise alone, whose variance is known: that is the limit.
public struct GapQuality: Sendable {
    /// Voxels that were filled.
    public private(set) var voxels = 0
    /// Sum of the estimates, in counts.
    public private(set) var counts = 0.0
    private var expected = ExpectedCorrelation()
    /// Sum of the variances of log(1+I) that photon noise alone gives.
    private var noise = 0.0
    /// Sum of what the squared uncertainties, in counts, have beyond photon noise.
    private var excess = 0.0
    private let width: Int

    /// - Parameter width: of the gap, in pixels.
    public init(width: Int = 1) { self.width = width }

    /// Takes a filled voxel into account.
    ///
    /// - Parameters:
    ///   - estimate: in counts, at least 0.
    ///   - error: its standard uncertainty in counts; `nil` or not a number where none is stated.
    public mutating func add(estimate: Float, error: Float?) {
        voxels += 1
        counts += Double(estimate)
        noise += Double(PhotonNoise.moments(expectation: estimate).variance)
        guard let error, error.isFinite else { return }
        expected.add(estimate: estimate, error: error)
        excess += max(0, Double(error) * Double(error) - Double(estimate))
    }

    /// Voxels whose expectations go wrong together, for each pixel of the gap's width. With so many, two thirds of the sums in
    /// simulated scans lie within the stated uncertainty, and fewer in a measured one.
    private static let correlatedVoxels = 20

    /// The standard uncertainty of the summed intensity as a share of it; `nil` where none is stated or nothing counted.
    ///
    /// Photon noise is each voxel's own, the rest of their errors is not. Where a few bright voxels hold most of the counts,
    /// as in a gap through the flank of the Bragg peak, it is large although the correlation is high.
    public var intensityUncertainty: Double? {
        guard expected.count == voxels, counts > 0 else { return nil }
        return (counts + Double(Self.correlatedVoxels * width) * excess).squareRoot() / counts
    }

    /// The correlation of log(1+I) with what would be measured; `nil` where no uncertainty is stated or nothing varies.
    public var expectedPCC: Double? { shares.map { ($0.explained / ($0.explained + $0.error)).squareRoot() } }

    /// The correlation that nothing but photon noise would leave.
    public var attainablePCC: Double? {
        // What is not noise in the errors is signal that a better fill would have found.
        shares.map { (1 - noise / Double(voxels) / ($0.explained + $0.error)).squareRoot() }
    }

    /// The variance of log(1+I) that the estimates tell, and the mean squared error, never less than photon noise alone.
    private var shares: (explained: Double, error: Double)? {
        guard expected.count == voxels, let explained = expected.explained else { return nil }
        return (explained, max(expected.variance, noise) / Double(voxels))
    }
}

/// What was found in hidden gaps that are like a real one.
public struct HiddenGapFigures: Sendable, Equatable {
    /// Hidden gaps of the same width.
    public var samples: Int
    /// The summed estimate of one over its summed counts, the median of all; `nil` where none held enough counts.
    public var intensityRatio: Double?

    public init(samples: Int = 0, intensityRatio: Double? = nil) {
        self.samples = samples
        self.intensityRatio = intensityRatio
    }
}

/// The rule by which a gap's fill is trusted, bounded or left free.
///
/// The expected correlation falls short of the attainable one by what the fill does not know. Little of that is `trust`;
/// the rest is `bounds only` as long as the fill tells more than it hides, and `leave free` beyond. Where gaps of the
/// width were hidden and filled with a wrong intensity, the verdict is one step lower, and a gap whose own intensity is
/// uncertain is not trusted. Where none could be hidden, it is
/// `unknown`. How the limits were set, and how often the verdict is right: Documentation/verdicts.md.
public enum VerdictRule {
    /// Trusted up to this shortfall.
    public static let trustedShortfall = 0.04
    /// Of bounds that still tell something.
    public static let boundedShortfall = 0.2
    /// Below this correlation even bounds tell nothing.
    public static let leastPCC = 0.5
    /// Share by which the intensity of trusted gaps may be wrong where it was checked.
    public static let trustedBias = 0.15
    /// The same for bounds.
    public static let boundedBias = 0.8
    /// The largest uncertainty of the summed intensity of a trusted gap, as a share of it.
    public static let trustedUncertainty = 0.2

    /// The verdict and what decided.
    public static func verdict(
        _ quality: GapQuality, hidden: HiddenGapFigures
    ) -> (verdict: FillVerdict, reason: String) {
        verdict(
            expected: quality.expectedPCC, attainable: quality.attainablePCC, hidden: hidden,
            uncertainty: quality.intensityUncertainty ?? .infinity)
    }

    /// - Parameter uncertainty: of the summed intensity, as a share of it.
    static func verdict(
        expected: Double?, attainable: Double?, hidden: HiddenGapFigures, uncertainty: Double = 0
    ) -> (verdict: FillVerdict, reason: String) {
        guard hidden.samples > 0 else { return (.unknown, "nothing could be checked") }
        guard let expected, let attainable else { return (.unknown, "the method states no uncertainty") }
        let figures = String(format: "PCC %.3f of %.3f", expected, attainable)
        let shortfall = attainable - expected
        let bias = hidden.intensityRatio.map { abs(log($0)) } ?? .infinity
        let biasText = hidden.intensityRatio.map {
            String(format: "%@, hidden gaps filled with %.2f times their intensity", figures, $0)
        }
        if attainable < leastPCC { return (.leaveFree, "too few counts: even a perfect fill would reach \(figures)") }
        if expected < leastPCC || shortfall > boundedShortfall { return (.leaveFree, figures) }
        if bias > log(1 + boundedBias) { return (.leaveFree, biasText ?? "\(figures), hidden gaps held no count") }
        if shortfall > trustedShortfall { return (.boundsOnly, figures) }
        if bias > log(1 + trustedBias) { return (.boundsOnly, biasText ?? figures) }
        if uncertainty > trustedUncertainty {
            let share = uncertainty.isFinite ? String(format: "by %.0f %%", 100 * uncertainty) : "altogether"
            return (.boundsOnly, "\(figures), its intensity is uncertain \(share)")
        }
        return (.trust, figures)
    }
}

/// Gathers the quality of each gap while a scan is filled block by block.
public struct GapTally: Sendable {
    public let regions: GapRegions
    /// One for each region, and one for what is masked in some frames only.
    public private(set) var qualities: [GapQuality]

    /// - Parameter mask: what is masked in every frame.
    public init(mask: PixelMask) {
        regions = GapRegions(mask: mask)
        qualities = regions.regions.map { GapQuality(width: $0.width) } + [GapQuality()]
    }

    /// Takes a block into account that was filled.
    ///
    /// - Precondition: the block has no context, and frames of the mask's shape.
    public mutating func add(_ block: FrameBlock) {
        precondition(block.data.shape.frame.count == regions.labels.count, "frames of another shape than the mask")
        let pixels = block.data.shape.frame.count
        for (frame, plan) in block.plans.enumerated() {
            let base = frame * pixels
            for (pixel, isFilled) in plan.fillable.storage.enumerated() where isFilled {
                qualities[Int(regions.labels[pixel])].add(
                    estimate: block.data.storage[base + pixel], error: block.errors?.storage[base + pixel])
            }
        }
    }

    /// The pixels of some regions.
    ///
    /// - Parameter numbers: positions in ``qualities``.
    public func pixels(of numbers: Set<Int>, shape: FrameShape) -> PixelMask {
        PixelMask(shape: shape, storage: regions.labels.map { numbers.contains(Int($0)) })
    }
}

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
