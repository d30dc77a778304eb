internal import Foundation

/// 1 − SSIM (Wang et al. 2004, doi 10.1109/TIP.2003.819861) of the images (slow, fast) of a volume.
///
/// The statistics are taken in Gaussian windows that lie inside of the image. The mean is taken over the windows,
/// weighted by the voxel at each window's centre.
public struct StructuralDissimilarity: Loss {
    /// The channel of the prediction that is compared.
    public var channel: Int
    /// The difference between the largest and the smallest possible value.
    public var dynamicRange: Float
    private let window: GaussianWindow

    /// - Parameters:
    ///   - width: of the window in pixels; odd.
    ///   - sigma: standard deviation of the window in pixels.
    public init(channel: Int = 0, dynamicRange: Float = 1, width: Int = 11, sigma: Float = 1.5) {
        self.channel = channel
        self.dynamicRange = dynamicRange
        window = GaussianWindow(width: width, sigma: sigma)
    }

    public func add(_ comparison: Comparison, scale: Float, to gradient: UnsafeMutableBufferPointer<Float>) -> Float {
        let shape = comparison.shape
        let pixels = shape.extents.rows * shape.extents.columns
        let images = (0..<shape.batch * shape.extents.frames).map { image in
            (voxels: image * pixels..<(image + 1) * pixels, shares: shares(of: image, comparison))
        }
        let total = images.reduce(0.0) { $1.shares.reduce($0) { $0 + Double($1) } }
        guard total > 0 else { return 0 }

        var sum: Float = 0
        for (voxels, shares) in images where shares.contains(where: { $0 > 0 }) {
            let (value, slopes) = dissimilarity(
                voxels.map { comparison.prediction[$0 * shape.channels + channel] }, Array(comparison.truth[voxels]),
                columns: shape.extents.columns, shares: shares.map { $0 * scale / Float(total) })
            sum += value
            for (voxel, slope) in zip(voxels, slopes) { gradient[voxel * shape.channels + channel] += slope }
        }
        return sum
    }

    /// The weights of the windows' centres, at the windows' first pixels; 0 where a window would leave the image.
    private func shares(of image: Int, _ comparison: Comparison) -> [Float] {
        let (rows, columns) = (comparison.shape.extents.rows, comparison.shape.extents.columns)
        let margin = window.weights.count - 1
        guard rows > margin, columns > margin else { return [] }
        var shares = [Float](repeating: 0, count: (rows - margin) * columns - margin)
        for row in 0..<rows - margin {
            for column in 0..<columns - margin {
                let centre = (image * rows + row + margin / 2) * columns + column + margin / 2
                shares[row * columns + column] = comparison.weights[centre]
            }
        }
        return shares
    }

    /// The sum over the windows of share · (1 − SSIM), and its gradient by the image x.
    private func dissimilarity(
        _ x: [Float], _ y: [Float], columns: Int, shares: [Float]
    ) -> (value: Float, gradient: [Float]) {
        func mean(_ image: [Float]) -> [Float] { window.smooth(image, columns: columns) }
        let (meanX, meanY) = (mean(x), mean(y))
        let (meanXX, meanYY) = (mean(zip(x, x).map(*)), mean(zip(y, y).map(*)))
        let meanXY = mean(zip(x, y).map(*))
        let c1 = 0.0001 * dynamicRange * dynamicRange, c2 = 0.0009 * dynamicRange * dynamicRange

        // SSIM = (a1 a2) / (b1 b2); its derivatives by the three means that depend on x.
        var value: Float = 0
        var byX = [Float](repeating: 0, count: shares.count)
        var (byXX, byXY) = (byX, byX)
        for index in shares.indices where shares[index] != 0 {
            let (mx, my) = (meanX[index], meanY[index])
            let a1 = 2 * mx * my + c1, a2 = 2 * (meanXY[index] - mx * my) + c2
            let b1 = mx * mx + my * my + c1, b2 = meanXX[index] - mx * mx + meanYY[index] - my * my + c2
            let similarity = a1 * a2 / (b1 * b2)
            value += shares[index] * (1 - similarity)
            let luminance = 2 * my * (a2 - a1) / (b1 * b2)
            byX[index] = -shares[index] * (luminance - similarity * 2 * mx * (1 / b1 - 1 / b2))
            byXX[index] = shares[index] * similarity / b2
            byXY[index] = -shares[index] * 2 * a1 / (b1 * b2)
        }
        func spread(_ windows: [Float]) -> [Float] { window.spread(windows, columns: columns) }
        let (spreadX, spreadXX, spreadXY) = (spread(byX), spread(byXX), spread(byXY))
        let gradient = x.indices.map { spreadX[$0] + 2 * x[$0] * spreadXX[$0] + y[$0] * spreadXY[$0] }
        return (value, gradient)
    }
}

/// A separable Gaussian that moves over images (slow, fast) without leaving them.
///
/// A window is named by the position of its first pixel, row-major in the image. Positions at the end of a row, where a
/// window would leave the image, hold no mean: what stands there is meaningless.
struct GaussianWindow: Sendable {
    /// Along one axis; their sum is 1.
    let weights: [Float]

    init(width: Int, sigma: Float) {
        precondition(width % 2 == 1 && sigma > 0, "a window of \(width) pixels and sigma \(sigma)")
        let raw = (0..<width).map { index -> Float in
            let distance = Float(index - width / 2) / sigma
            return exp(-0.5 * distance * distance)
        }
        weights = raw.map { $0 / raw.reduce(0, +) }
    }

    /// The means of an image in all windows, up to the last one inside of it.
    func smooth(_ image: [Float], columns: Int) -> [Float] {
        gathered(gathered(image, step: 1), step: columns)
    }

    /// The adjoint of `smooth`: every window's number spread over its pixels.
    ///
    /// - Parameter windows: 0 where a window would leave the image.
    func spread(_ windows: [Float], columns: Int) -> [Float] {
        scattered(scattered(windows, step: columns), step: 1)
    }

    // One pass over the whole image for each weight: long loops without a jump, which become vector instructions.

    private func gathered(_ source: [Float], step: Int) -> [Float] {
        var result = [Float](repeating: 0, count: source.count - (weights.count - 1) * step)
        slide(step) { weight, offset in
            source.withUnsafeBufferPointer { source in
                result.withUnsafeMutableBufferPointer { result in
                    for index in result.indices { result[index] += weight * source[index &+ offset] }
                }
            }
        }
        return result
    }

    private func scattered(_ source: [Float], step: Int) -> [Float] {
        var result = [Float](repeating: 0, count: source.count + (weights.count - 1) * step)
        slide(step) { weight, offset in
            source.withUnsafeBufferPointer { source in
                result.withUnsafeMutableBufferPointer { result in
                    for index in source.indices { result[index &+ offset] += weight * source[index] }
                }
            }
        }
        return result
    }

    private func slide(_ step: Int, _ body: (_ weight: Float, _ offset: Int) -> Void) {
        for (place, weight) in weights.enumerated() { body(weight, place * step) }
    }
}
