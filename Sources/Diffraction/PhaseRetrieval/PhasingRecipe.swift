public import Fourier
public import Volume

/// How a pattern is phased: what is known of the support, the algorithms, and how often to try.
public struct PhasingRecipe: Sendable {
    public enum Support: Sendable {
        /// One flag for each voxel of the object.
        case known([Bool])
        case shrinkWrapped(ShrinkWrap)
    }

    public var support: Support
    public var schedule = PhasingSchedule.standard
    /// Random starts, of which the one with the greatest free likelihood counts.
    public var starts = 4
    /// Share of the voxels that is held out to tell the starts apart.
    public var heldOutShare = 0.02
    public var seed: UInt64 = 0

    public init(support: Support) { self.support = support }

    /// Phases a pattern from every start and returns the best.
    ///
    /// - Parameters:
    ///   - bounds: of the amplitudes, with an even number of columns.
    ///   - counts: what was measured, in the order of the bounds; not a number elsewhere, filled or not.
    public func reconstruct(_ bounds: AmplitudeBounds, counts: Volume<Float>) -> Reconstruction {
        precondition(starts >= 1, "\(starts) starts")
        var bounds = bounds
        let heldOut = HeldOutVoxels(from: &bounds, counts: counts, share: heldOutShare, seed: seed)
        let retrieval = PhaseRetrieval(bounds)
        var best: Reconstruction?
        for start in 0..<starts {
            switch support {
            case .known(let isInside):
                retrieval.start(support: isInside, seed: seed &+ UInt64(start))
                retrieval.run(schedule)
            case .shrinkWrapped(let shrinkWrap):
                let first = retrieval.autocorrelationSupport(threshold: shrinkWrap.autocorrelationThreshold)
                retrieval.start(support: first, seed: seed &+ UInt64(start))
                retrieval.run(schedule, shrinkWrap: shrinkWrap)
            }
            let likelihood = heldOut.logLikelihood(of: retrieval.intensities())
            if likelihood > best?.freeLogLikelihood ?? -.infinity {
                best = Reconstruction(
                    object: retrieval.object, support: retrieval.support, freeLogLikelihood: likelihood,
                    errors: retrieval.errors)
            }
        }
        guard let best else { preconditionFailure("a likelihood that is no number") }
        return best
    }
}

/// What phase retrieval made of a pattern.
public struct Reconstruction: Sendable {
    /// (frame, row, column).
    public var object: Volume<ComplexFloat>
    /// One for each voxel of the object.
    public var support: [Bool]
    /// See ``HeldOutVoxels/logLikelihood(of:)``.
    public var freeLogLikelihood: Double
    /// See ``PhaseRetrieval/errors``.
    public var errors: [Double]
}
