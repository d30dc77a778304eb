public import Diffraction

/// How far off the crystal is that one treatment of one gap gives.
public struct RealSpaceScore: Sendable {
    /// How the phases come about.
    public enum Phases: String, Sendable, CaseIterable {
        /// The true ones.
        case known = "true"
        /// Phase retrieval within the true support.
        case knownSupport = "known-support"
        /// Phase retrieval that finds the support.
        case shrinkWrap = "shrink-wrap"
    }

    /// What was done to the voxels of the gap, other than filling them by a method.
    enum Treatment {
        /// There is no gap: the best that the rest allows.
        static let none = "no gap"
        static let zero = "zero"
        static let free = "free"

        static func bounded(_ method: String) -> String { "\(method) bounds" }
    }

    public var phases: Phases
    public var gap: RealSpaceGap
    public var treatment: String
    public var crystal: Int
    public var error: ObjectError
    /// Root mean square error of the strain in parts per million.
    public var microstrain: Double
    /// Standard deviation of the error of the displacement, in picometres.
    public var displacement: Double
}
