internal import Foundation

/// Bins of equal width in the logarithm of the mean counts of windows, as the paper has them (section 2.5).
public struct IntensityBins: Sendable, Equatable {
    /// The paper's number of bins.
    public static let count = 20

    /// log10 of the least and of the greatest mean counts.
    public let range: ClosedRange<Double>

    /// - Parameter meanCounts: of all windows, above 0; their extremes bound the bins. `nil` is returned for none.
    public init?(meanCounts: [Double]) {
        let logs = meanCounts.filter { $0 > 0 }.map { log10($0) }
        guard let least = logs.min(), let greatest = logs.max() else { return nil }
        range = least...greatest
    }

    /// The bin of a window, 0 ..< ``count``.
    public func bin(ofMeanCounts counts: Double) -> Int {
        let width = (range.upperBound - range.lowerBound) / Double(Self.count)
        guard width > 0, counts > 0 else { return 0 }
        return min(Self.count - 1, max(0, Int((log10(counts) - range.lowerBound) / width)))
    }

    /// Mean counts in the middle, on the logarithmic scale, of a bin.
    public func middle(of bin: Int) -> Double {
        let width = (range.upperBound - range.lowerBound) / Double(Self.count)
        return pow(10, range.lowerBound + (Double(bin) + 0.5) * width)
    }

    /// The mean over the bins that hold a window of the mean within each, which is how the paper averages.
    ///
    /// - Parameter values: one for each window, with its mean counts; `nil` is returned for none.
    public static func meanOfBinMeans(_ values: [(value: Double, meanCounts: Double)]) -> Double? {
        guard let bins = IntensityBins(meanCounts: values.map(\.meanCounts)) else { return nil }
        var sums = [(sum: Double, count: Int)](repeating: (0, 0), count: count)
        for (value, counts) in values {
            let bin = bins.bin(ofMeanCounts: counts)
            sums[bin].sum += value
            sums[bin].count += 1
        }
        let means = sums.filter { $0.count > 0 }.map { $0.sum / Double($0.count) }
        return means.reduce(0, +) / Double(means.count)
    }
}

/// How bright a window is: its mean log(1+I) over the voxels that are not hidden.
///
/// The score that photon noise allows depends on it, so that a mean over windows of unknown brightness says little.
public enum BrightnessClass: String, CaseIterable, Sendable {
    case below05 = "<0.5"
    case from05to1 = "0.5-1"
    case from1to2 = "1-2"
    case from2to3 = "2-3"
    case from3to4 = "3-4"
    case above4 = ">4"

    public init(meanLog: Double) {
        self =
            switch meanLog {
            case ..<0.5: .below05
            case ..<1: .from05to1
            case ..<2: .from1to2
            case ..<3: .from2to3
            case ..<4: .from3to4
            default: .above4
            }
    }
}

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
