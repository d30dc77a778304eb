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
    /// The blur of partial coherence and the background, where they are known.
    public var incoherence = Incoherence.none
    /// Widths of the blur of each frame, in pixels, to choose from: one start is made with each, and the one that meets the
    /// measured voxels best is taken for all starts. None keeps to what is known.
    ///
    /// A width that is fitted to an object that was found without stays far too small: the object makes up for the blur.
    public var coherenceWidths: [Double] = []
    /// See ``PhaseRetrieval/smoothing``.
    public var smoothing: Float = 0
    public var seed: UInt64 = 0

    public init(support: Support) { self.support = support }

    /// Phases a pattern from every start and returns the best.
    ///
    /// - Parameters:
    ///   - bounds: of the amplitudes, with an even number of columns.
    ///   - counts: what was measured, in the order of the bounds; not a number elsewhere, filled or not.
    public func reconstruct(_ bounds: AmplitudeBounds, counts: Volume<Float>) -> Reconstruction {
        var best: Reconstruction?
        forEachStart(bounds, counts: counts) { found in
            if found.freeLogLikelihood > best?.freeLogLikelihood ?? -.infinity { best = found }
        }
        guard let best else { preconditionFailure("a likelihood that is no number") }
        return best
    }

    /// Phases a pattern from every start and hands each result over.
    ///
    /// - Parameters: those of ``reconstruct(_:counts:)``.
    public func forEachStart(
        _ bounds: AmplitudeBounds, counts: Volume<Float>, _ body: (Reconstruction) -> Void
    ) {
        precondition(starts >= 1, "\(starts) starts")
        var bounds = bounds
        let heldOut = HeldOutVoxels(from: &bounds, counts: counts, share: heldOutShare, seed: seed)
        let retrieval = PhaseRetrieval(bounds)
        retrieval.smoothing = smoothing
        retrieval.incoherence = incoherence
        if coherenceWidths.count > 1 {
            let errors = coherenceWidths.map { width in
                retrieval.incoherence.widths = SIMD3(0, width, width)
                run(retrieval, start: 0)
                return retrieval.errors.last ?? .infinity
            }
            let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
            retrieval.incoherence.widths = SIMD3(0, coherenceWidths[best], coherenceWidths[best])
        }
        for start in 0..<starts {
            run(retrieval, start: start)
            let intensities = retrieval.intensities()
            body(
                Reconstruction(
                    object: retrieval.object, intensities: intensities, support: retrieval.support,
                    freeLogLikelihood: heldOut.logLikelihood(of: intensities), incoherence: retrieval.incoherence,
                    errors: retrieval.errors))
        }
    }

    /// Phases a pattern from one start.
    private func run(_ retrieval: PhaseRetrieval, start: Int) {
        switch support {
        case .known(let isInside):
            retrieval.start(support: isInside, seed: seed &+ UInt64(start))
            retrieval.run(schedule)
        case .shrinkWrapped(let shrinkWrap):
            let first = retrieval.autocorrelationSupport(threshold: shrinkWrap.autocorrelationThreshold)
            retrieval.start(support: first, seed: seed &+ UInt64(start))
            retrieval.run(schedule, shrinkWrap: shrinkWrap)
        }
    }
}

/// What phase retrieval made of a pattern.
public struct Reconstruction: Sendable {
    /// (frame, row, column).
    public var object: Volume<ComplexFloat>
    /// Those of the object's pattern, the Bragg peak in the middle.
    public var intensities: Volume<Float>
    /// One for each voxel of the object.
    public var support: [Bool]
    /// See ``HeldOutVoxels/logLikelihood(of:)``.
    public var freeLogLikelihood: Double
    /// As it was chosen, or given.
    public var incoherence: Incoherence
    /// See ``PhaseRetrieval/errors``.
    public var errors: [Double]
}

/// How one iteration of phase retrieval makes the next object of the present one.
///
/// With P the object whose amplitudes are brought within their bounds, inside of the support the next object is P; outside
/// it is `kept` · object + `taken` · P. All the usual algorithms differ in these two numbers only.
public enum PhasingAlgorithm: Hashable, Sendable {
    /// Error reduction (Gerchberg and Saxton 1972; Fienup 1982, Applied Optics 21, 2758-2769).
    case errorReduction
    /// Hybrid input-output (Fienup 1982), of feedback β.
    case hybridInputOutput(Float)
    /// Relaxed averaged alternating reflections (Luke 2005, Inverse Problems 21, 37-50), of relaxation β.
    case relaxedReflections(Float)

    var kept: Float {
        switch self {
        case .errorReduction: 0
        case .hybridInputOutput: 1
        case .relaxedReflections(let beta): beta
        }
    }

    var taken: Float {
        switch self {
        case .errorReduction: 0
        case .hybridInputOutput(let beta): -beta
        case .relaxedReflections(let beta): 1 - 2 * beta
        }
    }
}

/// Algorithms one after another, each with its number of iterations.
public struct PhasingSchedule: Hashable, Sendable {
    public struct Stage: Hashable, Sendable {
        public var algorithm: PhasingAlgorithm
        public var iterations: Int
        /// Whether a voxel that an interval bounds is left to the algorithm.
        public var leavesEstimatesFree: Bool

        public init(_ algorithm: PhasingAlgorithm, iterations: Int, leavesEstimatesFree: Bool = false) {
            self.algorithm = algorithm
            self.iterations = iterations
            self.leavesEstimatesFree = leavesEstimatesFree
        }
    }

    public var stages: [Stage]

    public init(_ stages: [Stage]) { self.stages = stages }

    /// Input-output, which finds the object, reflections, which make it precise, and error reduction, which settles.
    ///
    /// On simulated crystals with phases of up to 2π, reflections alone stagnated from every third start. Estimates bound
    /// the search and are free in the end: error reduction moves them as far as the measured voxels determine them, fast,
    /// and hardly where these do not, so that neither the error of a fill nor that of an undetermined gap is left.
    public static let standard = PhasingSchedule([
        Stage(.hybridInputOutput(0.9), iterations: 160), Stage(.relaxedReflections(0.9), iterations: 80),
        Stage(.errorReduction, iterations: 160, leavesEstimatesFree: true),
    ])

    /// The same with all estimates held to their bounds throughout.
    public var keepingEstimates: PhasingSchedule {
        PhasingSchedule(stages.map { Stage($0.algorithm, iterations: $0.iterations) })
    }

    public var iterations: Int { stages.reduce(0) { $0 + $1.iterations } }
}
