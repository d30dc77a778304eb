internal import Foundation
public import WorkMessages

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
/// width were hidden and filled with a wrong intensity, the verdict is one step lower. Where none could be hidden, it is
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

    /// The verdict and what decided.
    public static func verdict(
        _ quality: GapQuality, hidden: HiddenGapFigures
    ) -> (verdict: FillVerdict, reason: String) {
        verdict(expected: quality.expectedPCC, attainable: quality.attainablePCC, hidden: hidden)
    }

    static func verdict(
        expected: Double?, attainable: Double?, hidden: HiddenGapFigures
    ) -> (verdict: FillVerdict, reason: String) {
        guard hidden.samples > 0 else { return (.unknown, "nothing could be checked") }
        guard let expected, let attainable else { return (.unknown, "the method states no uncertainty") }
        let figures = String(format: "PCC %.3f of %.3f", expected, attainable)
        let shortfall = attainable - expected
        let bias = hidden.intensityRatio.map { abs(log($0)) } ?? .infinity
        let biasText = hidden.intensityRatio.map {
            String(format: "%@, hidden gaps filled with %.2f times their intensity", figures, $0)
        }
        if expected < leastPCC || shortfall > boundedShortfall { return (.leaveFree, figures) }
        if bias > log(1 + boundedBias) { return (.leaveFree, biasText ?? "\(figures), hidden gaps held no count") }
        if shortfall > trustedShortfall { return (.boundsOnly, figures) }
        if bias > log(1 + trustedBias) { return (.boundsOnly, biasText ?? figures) }
        return (.trust, figures)
    }
}
