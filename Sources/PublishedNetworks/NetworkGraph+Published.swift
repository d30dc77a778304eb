public import NeuralNetwork

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

/// The two-dimensional networks of the thesis (table 4.1): one input and one output of 1 channel, the output in 0 ... 1.
///
/// They take images of one frame and are padded to keep the extents. Where the printed layers do not give the printed
/// number of parameters, the number decides; each network says what that changes.
extension NetworkGraph {
    private static let leaky = Activation.leakyReLU(slope: 0.2)

    /// The U-Net: five blocks down to 1/32 of the resolution and five up; 31 827 673 parameters.
    ///
    /// | layers, kernel 3x3 | parameters |
    /// |---|---|
    /// | encoder: 1 → 48 → 96 → 192 → 384 → 768, bottleneck 1536 | 432 + 14 141 952 weights, 3024 biases |
    /// | decoder: 1536 → 768, then with its skip 1536 → 384, 768 → 192, 384 → 96, 192 → 48 | 17 667 072 weights, 1488 biases |
    /// | head: 48 → 24 → 12 → 6 → 1 | 13 662 weights, 43 biases |
    ///
    /// The table prints a head of 5x5, which would give 31 851 961; the text says 3x3 throughout, which gives the number.
    /// The extents are multiples of 32.
    public static func unet2D() -> NetworkGraph {
        var graph = NetworkGraph()
        var x = graph.input(channels: 1)
        var skips: [Tensor] = []
        for (level, channels) in [48, 96, 192, 384, 768].enumerated() {
            skips.append(graph.planar(x, channels, activation: leaky, name: "encoder\(level + 1)"))
            x = graph.maxPooling(skips[level], window: Extent3(1, 2, 2))
        }
        x = graph.planar(x, 1536, activation: leaky, name: "bottleneck")
        x = graph.decoder(x, skips: skips.dropFirst(), lastKernel: 3)
        graph.head(x)
        return graph
    }

    /// The U-Net whose first three blocks down are four dilated convolutions beside their input; 32 652 337 parameters.
    ///
    /// The outermost skip is used, too, and the last block up has a kernel of 4x4, as printed. The printed head, three
    /// times 5x5 and 3x3, would give 32 695 345; 3x3 throughout, as in ``unet2D()``, gives the number. The extents are
    /// multiples of 32.
    public static func modifiedUNet2D() -> NetworkGraph {
        var graph = NetworkGraph()
        var x = graph.input(channels: 1)
        var skips: [Tensor] = []
        for (level, block) in [(48, [16, 8, 4, 2]), (96, [10, 5, 3, 1]), (192, [5, 3, 2, 1])].enumerated() {
            let (channels, dilations) = block
            let branches = dilations.map { dilation in
                graph.planar(
                    x, channels / 4, dilation: dilation, activation: leaky, name: "encoder\(level + 1).\(dilation)")
            }
            skips.append(graph.concatenation([x] + branches))
            x = graph.maxPooling(skips[level], window: Extent3(1, 2, 2))
        }
        for (name, channels) in [("encoder4", 384), ("encoder5", 768)] {
            let skip = graph.planar(x, channels, activation: leaky, name: name)
            skips.append(skip)
            x = graph.maxPooling(skip, window: Extent3(1, 2, 2))
        }
        x = graph.planar(x, 1536, activation: leaky, name: "bottleneck")
        x = graph.decoder(x, skips: skips.dropFirst(), lastKernel: 4)
        graph.head(graph.concatenation([x, skips[0]]))
        return graph
    }

    /// The mixed-scale dense network: 32 convolutions at full resolution, of dilation 1, 2, ... 32, each of which sees all
    /// before it; 322 458 parameters.
    ///
    /// Block b = 1 ... 16 puts 2 · b channels of dilation 2b − 1 and 2b to its input, so that 273 reach the last layer:
    /// Σ 9 · (in · out) + out over the blocks is 322 184. The table prints a last kernel of 3x3, which would add 2458; one
    /// of 1x1 adds the missing 274. The text's largest dilation of 30, 15 blocks, would give 250 682 with it.
    public static func msdNet2D() -> NetworkGraph {
        var graph = NetworkGraph()
        var x = graph.input(channels: 1)
        for dilation in 1...32 {
            let branch = graph.planar(
                x, (dilation + 1) / 2, dilation: dilation, activation: leaky, name: "dense\(dilation)")
            x = graph.concatenation([branch, x])
        }
        graph.output(graph.planar(x, 1, kernel: 1, activation: .sigmoid(), name: "output"))
        return graph
    }

    /// Five blocks that double the resolution; before each but the first stands a skip of its extents.
    private mutating func decoder(_ x: Tensor, skips: ArraySlice<Tensor>, lastKernel: Int) -> Tensor {
        var x = x
        for (level, channels) in [768, 384, 192, 96, 48].enumerated() {
            if level > 0 { x = concatenation([x, skips[skips.endIndex - level]]) }
            let kernel = level == 4 ? lastKernel : 3
            x = transposedConvolution(
                x, channels: channels, kernel: Extent3(1, kernel, kernel), stride: Extent3(1, 2, 2),
                activation: Self.leaky, name: "decoder\(level + 1)")
        }
        return x
    }

    private mutating func head(_ x: Tensor) {
        var x = x
        for channels in [24, 12, 6] { x = planar(x, channels, activation: Self.leaky, name: "head\(channels)") }
        output(planar(x, 1, activation: .sigmoid(), name: "output"))
    }

    /// A convolution of images.
    private mutating func planar(
        _ x: Tensor, _ channels: Int, kernel: Int = 3, dilation: Int = 1, activation: Activation, name: String
    ) -> Tensor {
        convolution(
            x, channels: channels, kernel: Extent3(1, kernel, kernel), dilation: Extent3(1, dilation, dilation),
            activation: activation, name: name)
    }
}
