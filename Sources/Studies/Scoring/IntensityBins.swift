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
