public import WorkMessages

extension FillMethod {
    /// The estimator behind the method.
    ///
    /// - Parameters:
    ///   - quality: how much time a network may take.
    ///   - model: the network; without one, `network` comes down to kriging.
    public func filler(quality: FillQuality = .standard, model: (any FillerModel)? = nil) -> any ScanFiller {
        switch self {
        case .linear, .cubic, .nearest: Interpolation(self)
        case .kriging: Kriging()
        case .network: model?.filler(quality: quality) ?? Kriging()
        }
    }

    /// Whether the method is worth a comparison with kriging on each scan.
    public var isInterpolation: Bool { self != .network && self != .kriging }
}
