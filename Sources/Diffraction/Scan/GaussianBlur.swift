import Foundation
import Volume

/// A Gaussian blur of images, one axis after the other; at the border the weights inside are normalised.
struct GaussianBlur {
    /// The weights at distance 0, 1, 2 ... pixels.
    private let weights: [Float]

    /// - Parameter sigma: standard deviation in pixels, above 0.
    init(sigma: Double) {
        weights = (0...Int((4 * sigma).rounded(.up))).map {
            Float(exp(-Double($0 * $0) / (2 * sigma * sigma)))
        }
    }

    /// The blurred image of (slow, fast) shape.
    func applied(to image: [Float], _ shape: FrameShape) -> [Float] {
        let columnsBlurred = blurred(image, lines: shape.rows, length: shape.columns, lineStep: shape.columns, step: 1)
        return blurred(columnsBlurred, lines: shape.columns, length: shape.rows, lineStep: 1, step: shape.columns)
    }

    private func blurred(_ image: [Float], lines: Int, length: Int, lineStep: Int, step: Int) -> [Float] {
        let norms = (0..<length).map { position in
            1 / reach(of: position, length).reduce(0) { $0 + weights[abs($1)] }
        }
        var result = image
        image.withUnsafeBufferPointer { image in
            result.withUnsafeMutableBufferPointer { result in
                for position in 0..<length {
                    for offset in reach(of: position, length) {
                        let weight = weights[abs(offset)] * norms[position]
                        let (target, source) = (position &* step, (position &+ offset) &* step)
                        let isFirst = offset == reach(of: position, length).lowerBound
                        for line in 0..<lines {
                            let at = line &* lineStep
                            let term = weight * image[at &+ source]
                            result[at &+ target] = isFirst ? term : result[at &+ target] + term
                        }
                    }
                }
            }
        }
        return result
    }

    /// The offsets whose weights fall inside of the image.
    private func reach(of position: Int, _ length: Int) -> ClosedRange<Int> {
        let radius = weights.count - 1
        return -min(radius, position)...min(radius, length - 1 - position)
    }
}
