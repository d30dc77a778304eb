internal import Foundation

/// A separable Gaussian that moves over images (slow, fast) without leaving them.
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

    /// The means in all windows inside of an image: (rows - width + 1, columns - width + 1).
    func smooth(_ image: [Float], rows: Int, columns: Int) -> [Float] {
        let narrow = columns - weights.count + 1
        let across = weighted(image, lines: rows, from: (columns, 1), to: (narrow, 1), count: narrow)
        return weighted(across, lines: narrow, from: (1, narrow), to: (1, narrow), count: rows - weights.count + 1)
    }

    /// The adjoint of `smooth`: every window's number spread over its pixels; rows and columns are the image's.
    func spread(_ windows: [Float], rows: Int, columns: Int) -> [Float] {
        let margin = weights.count - 1
        let (wideRows, wideColumns) = (rows + margin, columns + margin)
        var padded = [Float](repeating: 0, count: wideRows * wideColumns)
        for row in 0..<rows - margin {
            for column in 0..<columns - margin {
                padded[(row + margin) * wideColumns + column + margin] = windows[row * (columns - margin) + column]
            }
        }
        return smooth(padded, rows: wideRows, columns: wideColumns)
    }

    /// Weighted sums along lines, each given by the step from line to line and that along the line.
    private func weighted(
        _ image: [Float], lines: Int, from source: (line: Int, along: Int), to target: (line: Int, along: Int),
        count: Int
    ) -> [Float] {
        var result = [Float](repeating: 0, count: lines * count)
        for line in 0..<lines {
            for index in 0..<count {
                var sum: Float = 0
                let first = line * source.line + index * source.along
                for (place, weight) in weights.enumerated() { sum += weight * image[first + place * source.along] }
                result[line * target.line + index * target.along] = sum
            }
        }
        return result
    }
}
