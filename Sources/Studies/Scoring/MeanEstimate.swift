/// A mean over windows, and how sure it is.
public struct MeanEstimate: Sendable, Equatable {
    public var mean: Double
    /// Standard error as if all windows were independent; `nil` for fewer than two.
    public var standardError: Double?
    /// Standard error that allows windows of the same volume to be alike; `nil` for fewer than two volumes.
    ///
    /// The cluster-robust variance of a mean: residuals are summed within each volume before they are squared.
    public var standardErrorOverVolumes: Double?

    /// - Parameter values: one for each window, with the volume that it is from; `nil` is returned for none.
    public init?(_ values: [(value: Double, volume: Int)]) {
        guard !values.isEmpty else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0) { $0 + $1.value } / count
        self.mean = mean
        if values.count > 1 {
            let squares = values.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
            standardError = (squares / (count - 1) / count).squareRoot()
        }
        var residuals: [Int: Double] = [:]
        for (value, volume) in values { residuals[volume, default: 0] += value - mean }
        if residuals.count > 1 {
            let volumes = Double(residuals.count)
            // In a fixed order, so that the last digit does not depend on the hash seed.
            let squares = residuals.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value * $1.value }
            standardErrorOverVolumes = (squares * volumes / (volumes - 1)).squareRoot() / count
        }
    }
}
