import Foundation

/// Tables of the ziggurat: 128 layers of equal area under exp(-x²/2), from which normal deviates come fast.
///
/// Source: Marsaglia and Tsang 2000, Journal of Statistical Software 5 (8), 1-7; layer and position are taken from
/// different bits, as Doornik 2005 asks for.
struct Ziggurat: Sendable {
    static let normal = Ziggurat()

    private static let layers = 128
    /// Where the tail begins, and the area of each layer.
    private static let tail = 3.442619855899
    private static let area = 9.91256303526217e-3

    /// The right edges of the layers, from the base with its tail up to the peak.
    private let edges: [Double]
    /// For each layer, which share of its width lies under the curve at any height.
    private let cores: [Double]

    private init() {
        var edges = [Self.area / Self.height(Self.tail), Self.tail]
        for layer in 2..<Self.layers {
            let below = edges[layer - 1]
            edges.append((-2 * log(Self.area / below + Self.height(below))).squareRoot())
        }
        edges.append(0)
        self.edges = edges
        cores = (0..<Self.layers).map { edges[$0 + 1] / edges[$0] }
    }

    private static func height(_ x: Double) -> Double { exp(-0.5 * x * x) }

    /// A normal deviate of mean 0 and variance 1.
    @inline(__always)
    func deviate(using generator: inout SeededGenerator) -> Double {
        let bits = generator.next()
        let layer = Int(bits & 127)
        let position = Double(Int64(bitPattern: bits) >> 11) * 0x1p-52
        if abs(position) < cores[layer] { return position * edges[layer] }
        return rareDeviate(layer, position, using: &generator)
    }

    /// What one in eighty deviates needs: the tail, or a look at the curve.
    @inline(never)
    private func rareDeviate(_ layer: Int, _ position: Double, using generator: inout SeededGenerator) -> Double {
        if layer == 0 { return position < 0 ? -tailDeviate(using: &generator) : tailDeviate(using: &generator) }
        let x = position * edges[layer]
        let (lower, upper) = (Self.height(edges[layer]), Self.height(edges[layer + 1]))
        if lower + generator.uniform() * (upper - lower) < Self.height(x) { return x }
        return deviate(using: &generator)
    }

    /// A deviate beyond the base layer's edge, by rejection from an exponential (Marsaglia 1964).
    private func tailDeviate(using generator: inout SeededGenerator) -> Double {
        while true {
            let step = -log(1 - generator.uniform()) / Self.tail
            if -2 * log(1 - generator.uniform()) > step * step { return Self.tail + step }
        }
    }
}
