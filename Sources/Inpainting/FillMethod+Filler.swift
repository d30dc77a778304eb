public import Detectors

extension FillMethod {
    /// What the method comes down to in this version: `network` is the best that ships.
    public var resolved: FillMethod { self == .network ? .linear : self }

    /// The estimator behind the method; `nil` where this version has none.
    public func filler() -> (any GapFiller)? {
        switch resolved {
        case .linear, .cubic, .nearest: Interpolation(resolved)
        case .kriging: Kriging()
        case .network: nil
        }
    }
}
