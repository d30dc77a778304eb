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
