@testable import NeuralNetwork

/// Numbers that look random and are the same on every run, within -1 ... 1.
struct TestSequence {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 23) - 1
    }

    mutating func fill(_ buffer: UnsafeMutableBufferPointer<Float>) {
        for index in buffer.indices { buffer[index] = next() }
    }
}

extension ParameterSet {
    /// Parameters of which none is zero, biases included: a sum of zero would sit on the kink of the rectifier.
    init(randomFor graph: NetworkGraph) {
        self.init(zerosFor: graph)
        var numbers = TestSequence(seed: 3)
        withValues { numbers.fill($0) }
        scale(by: 0.5)
    }
}

/// A small network around one kind of layer, behind a convolution, so that its gradient by its input is seen too.
struct LayerCase: Sendable, CustomStringConvertible {
    var description: String
    var extents: Extent3 = Extent3(5, 4, 6)
    var channels = 3
    var batch = 2
    var build: @Sendable (inout NetworkGraph, NetworkGraph.Tensor) -> NetworkGraph.Tensor

    var graph: NetworkGraph {
        var graph = NetworkGraph()
        let input = graph.input(channels: 2)
        let x = graph.convolution(input, channels: channels, kernel: 1, name: "before")
        graph.output(build(&graph, x))
        return graph
    }

    static let leaky = Activation.leakyReLU(slope: 0.2)

    static let all: [LayerCase] = convolutions + others

    static let convolutions: [LayerCase] = [
        LayerCase(description: "3³") { $0.convolution($1, channels: 4, kernel: 3, name: "c") },
        LayerCase(description: "3³ leaky, 32 channels", channels: 32) {
            $0.convolution($1, channels: 32, kernel: 3, activation: leaky, name: "c")
        },
        LayerCase(description: "1³") { $0.convolution($1, channels: 5, kernel: 1, activation: leaky, name: "c") },
        LayerCase(description: "2³") { $0.convolution($1, channels: 4, kernel: 2, activation: leaky, name: "c") },
        LayerCase(description: "4³") { $0.convolution($1, channels: 2, kernel: 4, name: "c") },
        LayerCase(description: "3³ with stride 2") { $0.convolution($1, channels: 4, kernel: 3, stride: 2, name: "c") },
        LayerCase(description: "2³ with stride 2") { $0.convolution($1, channels: 4, kernel: 2, stride: 2, name: "c") },
        LayerCase(description: "1³ with stride 2") { $0.convolution($1, channels: 4, kernel: 1, stride: 2, name: "c") },
        LayerCase(description: "3³ with dilation 4") {
            $0.convolution($1, channels: 4, kernel: 3, dilation: 4, name: "c")
        },
        LayerCase(description: "2³ with dilation 3") {
            $0.convolution($1, channels: 4, kernel: 2, dilation: 3, activation: leaky, name: "c")
        },
        LayerCase(description: "1x3x3 in two dimensions", extents: Extent3(1, 9, 7)) {
            $0.convolution($1, channels: 4, kernel: Extent3(1, 3, 3), stride: Extent3(1, 2, 1), name: "c")
        },
        LayerCase(description: "transposed 2³") { $0.transposedConvolution($1, channels: 4, kernel: 2, name: "c") },
        LayerCase(description: "transposed 3³ with dilation 2") {
            $0.transposedConvolution($1, channels: 2, kernel: 3, dilation: 2, activation: leaky, name: "c")
        },
        LayerCase(description: "transposed 3³ with stride 2") {
            $0.transposedConvolution($1, channels: 4, kernel: 3, stride: 2, activation: leaky, name: "c")
        },
        LayerCase(description: "transposed 1x4x4 with stride 2 in two dimensions", extents: Extent3(1, 5, 6)) {
            $0.transposedConvolution(
                $1, channels: 3, kernel: Extent3(1, 4, 4), stride: Extent3(1, 2, 2), activation: leaky, name: "c")
        },
        LayerCase(description: "1x3x3 with a dilation wider than the image", extents: Extent3(1, 9, 7)) {
            $0.convolution($1, channels: 5, kernel: Extent3(1, 3, 3), dilation: Extent3(1, 16, 16), name: "c")
        },
        // Channels that are no multiple of 16: oneDNN 2.6 gets the gradient of such weights wrong in bfloat16.
        LayerCase(description: "1x3x3 with dilation 2, 100 channels", extents: Extent3(1, 32, 32), channels: 100) {
            $0.convolution($1, channels: 5, kernel: Extent3(1, 3, 3), dilation: Extent3(1, 2, 2), name: "c")
        },
        LayerCase(description: "transposed 1x3x3 with dilation 5 to 24 channels", extents: Extent3(1, 32, 32)) {
            $0.transposedConvolution(
                $1, channels: 24, kernel: Extent3(1, 3, 3), dilation: Extent3(1, 5, 5), name: "c")
        },
        // Of shapes that suit matrix units, where the machine has any.
        LayerCase(description: "3³, batch of 16", extents: Extent3(3, 4, 6), channels: 24, batch: 16) {
            $0.convolution($1, channels: 40, kernel: 3, name: "c")
        },
        LayerCase(
            description: "1x3x3 of few channels with a wide dilation, batch of 16", extents: Extent3(1, 16, 16),
            channels: 5, batch: 16
        ) {
            $0.convolution($1, channels: 3, kernel: Extent3(1, 3, 3), dilation: Extent3(1, 14, 14), name: "c")
        },
        LayerCase(description: "3³ with stride 2, batch of 16", extents: Extent3(5, 3, 7), channels: 16, batch: 16) {
            $0.convolution($1, channels: 16, kernel: 3, stride: 2, name: "c")
        },
        LayerCase(description: "4x2x3 with dilation 2, batch of 15", extents: Extent3(2, 5, 4), channels: 9, batch: 15)
        {
            $0.convolution($1, channels: 17, kernel: Extent3(4, 2, 3), dilation: 2, name: "c")
        },
        LayerCase(description: "1³ with stride 2, batch of 16", extents: Extent3(5, 3, 8), channels: 16, batch: 16) {
            $0.convolution($1, channels: 16, kernel: 1, stride: 2, name: "c")
        },
        LayerCase(description: "1x3x3 with dilation 2 and stride 3, batch of 32", extents: Extent3(1, 9, 7), batch: 32)
        {
            let x = $0.convolution($1, channels: 16, kernel: 1, name: "b")
            return $0.convolution(
                x, channels: 32, kernel: Extent3(1, 3, 3), stride: Extent3(1, 1, 3), dilation: Extent3(1, 2, 2),
                name: "c")
        },
        LayerCase(description: "residual block") {
            let h = $0.convolution($1, channels: 3, kernel: 3, activation: leaky, name: "a")
            return $0.sum($1, $0.convolution(h, channels: 3, kernel: 3, name: "b"))
        },
        LayerCase(description: "residual block, rectified after the sum") {
            let h = $0.convolution($1, channels: 3, kernel: 3, activation: leaky, name: "a")
            return $0.activation($0.sum($0.convolution(h, channels: 3, kernel: 3, name: "b"), $1), leaky)
        },
    ]

    static let others: [LayerCase] = [
        LayerCase(description: "leaky rectifier") { $0.activation($0.sum($1, $1), leaky) },
        LayerCase(description: "sigmoid") { $0.activation($1, .sigmoid(gain: 1.5)) },
        LayerCase(description: "upsampling") { $0.nearestUpsampling($1, factor: Extent3(2, 1, 3)) },
        LayerCase(description: "upsampling of many channels", channels: 37) { $0.nearestUpsampling($1, factor: 2) },
        LayerCase(description: "space to depth", extents: Extent3(4, 3, 6)) {
            $0.spaceToDepth($1, block: Extent3(2, 1, 3))
        },
        LayerCase(description: "depth to space", channels: 12) { $0.depthToSpace($1, block: Extent3(2, 3, 1)) },
        LayerCase(description: "concatenation") {
            $0.concatenation([$1, $0.convolution($1, channels: 2, kernel: 2, name: "c"), $1])
        },
        LayerCase(description: "max pooling") { $0.maxPooling($1, window: 2) },
        LayerCase(description: "max pooling beside another reader", extents: 4) {
            $0.sum($1, $0.nearestUpsampling($0.maxPooling($1, window: 2), factor: 2))
        },
    ]
}
