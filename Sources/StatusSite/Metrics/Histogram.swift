/// How often values fell below each of some bounds.
struct Histogram: Sendable, Equatable {
    /// Upper bounds, rising; the last bucket has none.
    let bounds: [Double]
    /// Values in each bucket alone, one more than there are bounds.
    private(set) var counts: [Int]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    mutating func add(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    var count: Int { counts.reduce(0, +) }
}
