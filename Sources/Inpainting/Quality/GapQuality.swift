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

    public init() {}

    /// Takes a filled voxel into account.
    ///
    /// - Parameters:
    ///   - estimate: in counts, at least 0.
    ///   - error: its standard uncertainty in counts; `nil` or not a number where none is stated.
    public mutating func add(estimate: Float, error: Float?) {
        voxels += 1
        counts += Double(estimate)
        noise += Double(PhotonNoise.moments(expectation: estimate).variance)
        if let error, error.isFinite { expected.add(estimate: estimate, error: error) }
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
