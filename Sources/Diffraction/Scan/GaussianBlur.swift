import Foundation
import Volume

/// A Gaussian blur of images (slow, fast), one axis after the other.
///
/// At the border, only the weights that fall inside count: a constant image stays constant.
struct GaussianBlur {
    /// The weights at the distances 0, 1, 2 ... pixels.
    private let weights: [Float]

    /// - Parameter sigma: standard deviation in pixels, above 0.
    init(sigma: Double) {
        weights = (0...Int((4 * sigma).rounded(.up))).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
    }

    func applied(to image: [Float], _ shape: FrameShape) -> [Float] {
        blurredAcrossRows(blurredWithinRows(image, shape), shape)
    }

    private func blurredWithinRows(_ image: [Float], _ shape: FrameShape) -> [Float] {
        let norms = norms(shape.columns)
        var result = [Float](repeating: 0, count: image.count)
        image.withUnsafeBufferPointer { image in
            result.withUnsafeMutableBufferPointer { result in
                for row in 0..<shape.rows {
                    let base = row &* shape.columns
                    for offset in reach {
                        let weight = weights[abs(offset)]
                        let columns = max(0, -offset)..<max(0, -offset, shape.columns - max(0, offset))
                        for column in columns {
                            result[base &+ column] += weight * image[base &+ column &+ offset]
                        }
                    }
                    for column in 0..<shape.columns { result[base &+ column] *= norms[column] }
                }
            }
        }
        return result
    }

    /// The same for the slow axis alone.
    func blurredAcrossRows(_ image: [Float], _ shape: FrameShape) -> [Float] {
        let norms = norms(shape.rows)
        var result = [Float](repeating: 0, count: image.count)
        image.withUnsafeBufferPointer { image in
            result.withUnsafeMutableBufferPointer { result in
                for row in 0..<shape.rows {
                    let base = row &* shape.columns
                    for offset in reach where (0..<shape.rows).contains(row + offset) {
                        let weight = weights[abs(offset)] * norms[row]
                        let source = base &+ offset &* shape.columns
                        for column in 0..<shape.columns { result[base &+ column] += weight * image[source &+ column] }
                    }
                }
            }
        }
        return result
    }

    private var reach: ClosedRange<Int> { 1 - weights.count...weights.count - 1 }

    /// For each position along an axis, what makes the weights inside of the image add up to 1.
    private func norms(_ length: Int) -> [Float] {
        (0..<length).map { position in
            1 / reach.reduce(0) { (0..<length).contains(position + $1) ? $0 + weights[abs($1)] : $0 }
        }
    }
}
