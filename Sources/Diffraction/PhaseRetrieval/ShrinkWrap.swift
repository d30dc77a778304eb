internal import Foundation

/// A support that follows the object: where the modulus, blurred by ever less, is above a share of its maximum.
///
/// The first one is where the autocorrelation of the object, the transform of its intensities, is above a share of its
/// own. Source: Marchesini et al. 2003, Physical Review B 68, 140101.
public struct ShrinkWrap: Hashable, Sendable {
    /// Iterations between two new supports.
    public var period = 20
    /// Share of the greatest blurred modulus.
    public var threshold: Float = 0.2
    /// Standard deviations of the blur in voxels: the last and the first.
    public var widths = 1.0...3.0
    /// Share of the greatest value of the autocorrelation from which the first support is taken.
    public var autocorrelationThreshold: Float = 0.04

    public init() {}

    /// The blur after some of all iterations: it shrinks geometrically.
    func width(progress: Double) -> Double {
        widths.upperBound * pow(widths.lowerBound / widths.upperBound, min(1, progress))
    }
}
