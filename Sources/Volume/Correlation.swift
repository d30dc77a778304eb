/// Sums from which the Pearson correlation and the mean squared difference of two series follow, added up in pieces.
public struct Correlation: Sendable {
    public private(set) var count = 0
    private var sumX = 0.0
    private var sumY = 0.0
    private var sumXX = 0.0
    private var sumYY = 0.0
    private var sumXY = 0.0

    public init() {}

    /// Adds one pair of values.
    @inline(__always)
    public mutating func add(_ x: Double, _ y: Double) {
        count &+= 1
        sumX += x
        sumY += y
        sumXX += x * x
        sumYY += y * y
        sumXY += x * y
    }

    /// Adds the pairs of another sum.
    public mutating func add(_ other: Correlation) {
        count += other.count
        sumX += other.sumX
        sumY += other.sumY
        sumXX += other.sumXX
        sumYY += other.sumYY
        sumXY += other.sumXY
    }

    /// The Pearson correlation coefficient; `nil` where one of the series does not vary.
    public var pearson: Double? {
        let n = Double(count)
        let varianceX = n * sumXX - sumX * sumX
        let varianceY = n * sumYY - sumY * sumY
        guard varianceX > 0, varianceY > 0 else { return nil }
        return (n * sumXY - sumX * sumY) / (varianceX * varianceY).squareRoot()
    }

    /// The sum of the squared differences of the pairs.
    public var squaredDifference: Double { sumXX - 2 * sumXY + sumYY }
}
