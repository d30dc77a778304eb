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

    public var iterations: Int { stages.reduce(0) { $0 + $1.iterations } }
}
