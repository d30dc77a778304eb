internal import CConvolution
internal import Foundation

/// The weights and biases of a network as float32, in one flat list.
public struct ParameterSet: Sendable, Equatable {
    let layout: ParameterLayout
    /// The parameters in the order of `NetworkGraph.parameterShapes`.
    public internal(set) var values: [Float]

    /// Parameters that are all zero.
    public init(zerosFor graph: NetworkGraph) {
        layout = graph.parameterLayout
        values = [Float](repeating: 0, count: layout.count)
    }

    init(layout: ParameterLayout, values: [Float]) {
        self.layout = layout
        self.values = values
    }

    /// The numbers of one parameter, e.g. "stem.weight"; `nil` where the network has none of this name.
    public subscript(name: String) -> [Float]? { layout[name].map { Array(values[$0.range]) } }

    /// Changes the numbers of one parameter in place.
    ///
    /// - Precondition: the network has a parameter of this name.
    public mutating func withValues<R>(of name: String, _ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R {
        guard let range = layout[name]?.range else { preconditionFailure("no parameter is called '\(name)'") }
        return try values.withUnsafeMutableBufferPointer { all in
            var span = MutableSpan(_unsafeElements: all.extracting(range))
            return try body(&span)
        }
    }

    /// Changes all numbers in place, in the order of `values`.
    public mutating func withValues<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
        try values.withUnsafeMutableBufferPointer { try body($0) }
    }

    /// Adds `scale` times other parameters of the same network.
    ///
    /// - Precondition: both have the same names and shapes.
    public mutating func add(_ other: ParameterSet, scale: Float = 1) {
        precondition(layout == other.layout, "parameters of different networks cannot be added")
        values.withUnsafeMutableBufferPointer { sums in
            other.values.withUnsafeBufferPointer { terms in
                for index in sums.indices { sums[index] += scale * terms[index] }
            }
        }
    }

    /// Multiplies every parameter.
    public mutating func scale(by factor: Float) {
        values.withUnsafeMutableBufferPointer { values in
            for index in values.indices { values[index] *= factor }
        }
    }
}

/// Where each named parameter lies in one flat list of numbers.
struct ParameterLayout: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var name: String
        var shape: [Int]
        var range: Range<Int>
    }

    private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    /// Number of parameters of all entries.
    var count: Int { entries.last?.range.upperBound ?? 0 }

    /// - Precondition: no entry has this name yet.
    mutating func append(_ name: String, _ shape: [Int]) {
        precondition(positions[name] == nil, "two parameters are called '\(name)'")
        positions[name] = entries.count
        entries.append(Entry(name: name, shape: shape, range: count..<count + shape.reduce(1, *)))
    }

    subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }
}

extension ParameterSet {
    /// Random weights by He et al. (2015, doi 10.1109/ICCV.2015.123): s.d. √(2 / fan-in), biases zero.
    ///
    /// Each layer draws from its own sequence, so that a layer more or less changes no other.
    ///
    /// - Parameter zeroed: names of layers whose weights start at zero, e.g. the last of a residual branch.
    /// - Precondition: each name of `zeroed` is a layer of the graph.
    public init(_ graph: NetworkGraph, seed: UInt64, zeroed: Set<String> = []) {
        self.init(zerosFor: graph)
        let layers = graph.convolutions
        let unknown = zeroed.subtracting(layers.map(\.name))
        precondition(unknown.isEmpty, "no layers are called \(unknown.sorted())")
        for layer in layers where !zeroed.contains(layer.name) {
            guard let range = layout[layer.weightName]?.range else { continue }
            var normal = NormalSequence(seed: seed, name: layer.name)
            // A transposed layer spreads its kernel over as many outputs as its stride makes of one input.
            let outputs = layer.isTransposed ? layer.stride.count : 1
            let deviation = (2 * Double(outputs) / Double(layer.kernel.count * layer.inputChannels)).squareRoot()
            for index in range { values[index] = Float(deviation * normal.next()) }
        }
    }
}

/// Normally distributed numbers that depend on a seed and a name alone.
private struct NormalSequence {
    private var state: UInt64
    private var spare: Double?

    init(seed: UInt64, name: String) {
        // FNV-1a; Swift's own hash differs from run to run.
        state = name.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// Uniform in 0 < u <= 1, by SplitMix64 (Steele et al. 2014, doi 10.1145/2660193.2660195).
    private mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (Double((z ^ (z >> 31)) >> 11) + 1) * 0x1p-53
    }

    /// By the method of Box and Muller, which gives two at a time.
    mutating func next() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }
}

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
