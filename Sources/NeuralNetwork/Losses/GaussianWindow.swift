internal import Foundation

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
