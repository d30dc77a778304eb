internal import Foundation

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
