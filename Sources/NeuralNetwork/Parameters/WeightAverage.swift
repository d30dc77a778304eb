internal import CConvolution

/// The exponential moving average of a network's parameters over its training, which fills better than the last ones.
public struct WeightAverage: Sendable {
    /// Share of the old average that a step keeps, once enough steps have been made.
    public let decay: Float
    /// Number of updates so far.
    public private(set) var count: Int
    public private(set) var average: ParameterSet

    /// - Precondition: 0 <= decay < 1.
    public init(_ parameters: ParameterSet, decay: Float, count: Int = 0) {
        precondition(decay >= 0 && decay < 1, "a decay of \(decay)")
        self.decay = decay
        self.count = count
        average = parameters
    }

    /// Takes the parameters after one more step into the average.
    ///
    /// The first steps weigh (1 + n) / (10 + n) at most, so that the random beginning is soon forgotten.
    public mutating func update(_ parameters: ParameterSet) {
        precondition(average.layout == parameters.layout, "the average is of another network")
        let kept = min(decay, Float(1 + count) / Float(10 + count))
        count += 1
        lacuna_set_threads(Int32(Threads.count))
        average.withValues { lacuna_blend(parameters.values, $0.baseAddress, 1 - kept, Int64($0.count)) }
    }
}
