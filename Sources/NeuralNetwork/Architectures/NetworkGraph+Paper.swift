extension NetworkGraph {
    /// The three-dimensional network of the paper (J. Appl. Cryst. 57, 2024, doi 10.1107/S1600576724004163).
    ///
    /// One input of 1 channel whose extents are multiples of 16, one output of 1 channel in 0 ... 1; 2 771 309
    /// parameters. The rectifiers stand before pooling and upsampling, not behind as in the paper: both commute with
    /// it, and here they cost nothing.
    public static func paper3D() -> NetworkGraph {
        let leaky = Activation.leakyReLU(slope: 0.2)
        var graph = NetworkGraph()
        let input = graph.input(channels: 1)

        let skip1 = graph.dilatedEncoder(
            input, channels: 8, kernel: 3, dilations: [4, 3, 2, 1], leaky, name: "encoder1")
        let skip2 = graph.dilatedEncoder(
            skip1, channels: 16, kernel: 2, dilations: [3, 2, 2, 1], leaky, name: "encoder2")
        let fine3 = graph.convolution(skip2, channels: 128, kernel: 2, activation: leaky, name: "encoder3")
        let skip3 = graph.maxPooling(fine3, window: 2)
        let fine4 = graph.convolution(skip3, channels: 256, kernel: 2, activation: leaky, name: "encoder4")

        var x = graph.maxPooling(fine4, window: 2)
        for (name, channels, skip) in [
            ("bottleneck", 478, skip3), ("decoder1", 222, skip2), ("decoder2", 96, skip1),
        ] {
            x = graph.transposedConvolution(x, channels: channels, kernel: 2, activation: leaky, name: name)
            x = graph.concatenation([graph.nearestUpsampling(x, factor: 2), skip])
        }
        x = graph.transposedConvolution(x, channels: 32, kernel: 2, activation: leaky, name: "decoder3")
        x = graph.nearestUpsampling(x, factor: 2)

        x = graph.convolution(x, channels: 24, kernel: 4, activation: leaky, name: "head1")
        x = graph.convolution(x, channels: 12, kernel: 3, activation: leaky, name: "head2")
        x = graph.convolution(x, channels: 6, kernel: 2, activation: leaky, name: "head3")
        graph.output(graph.convolution(x, channels: 1, kernel: 1, activation: .sigmoid(gain: 1.5), name: "head4"))
        return graph
    }

    /// A tensor beside convolutions of it with several dilations, at half the resolution.
    private mutating func dilatedEncoder(
        _ x: Tensor, channels: Int, kernel: Extent3, dilations: [Int], _ activation: Activation, name: String
    ) -> Tensor {
        var parts = [x]
        for (index, dilation) in dilations.enumerated() {
            let branch = convolution(
                x, channels: channels, kernel: kernel, dilation: Extent3(dilation, dilation, dilation),
                name: "\(name).\(index + 1)")
            parts.append(branch)
        }
        return self.activation(maxPooling(concatenation(parts), window: 2), activation)
    }
}
