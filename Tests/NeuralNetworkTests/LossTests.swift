import Foundation
import Testing

@testable import NeuralNetwork

struct LossTests {
    static let losses: [any Loss] = [
        SquaredError(), AbsoluteError(channel: 1), DifferenceError(), DifferenceError(isSquared: true),
        GaussianLikelihood(),
        StructuralDissimilarity(), StructuralDissimilarity(channel: 1, dynamicRange: 2, width: 5, sigma: 1),
    ]

    private let shape = TensorShape(batch: 2, extents: Extent3(2, 13, 12), channels: 2)
    private var prediction: [Float]
    private var truth: [Float]
    private var weights: [Float]

    init() {
        var numbers = TestSequence(seed: 5)
        prediction = (0..<shape.count).map { _ in numbers.next() }
        truth = (0..<shape.voxels).map { _ in numbers.next() }
        weights = (0..<shape.voxels).map { _ in max(numbers.next(), 0) }
    }

    private func evaluate(_ loss: any Loss, _ prediction: [Float], scale: Float = 1) -> (Float, [Float]) {
        var gradient = [Float](repeating: 0, count: prediction.count)
        let value = prediction.withUnsafeBufferPointer { prediction in
            truth.withUnsafeBufferPointer { truth in
                weights.withUnsafeBufferPointer { weights in
                    gradient.withUnsafeMutableBufferPointer { gradient in
                        loss.add(
                            Comparison(shape: shape, prediction: prediction, truth: truth, weights: weights),
                            scale: scale, to: gradient)
                    }
                }
            }
        }
        return (value, gradient)
    }

    @Test("Gradients are the slopes of the loss", arguments: losses)
    func centralDifferences(_ loss: any Loss) {
        let (_, gradient) = evaluate(loss, prediction)
        var numbers = TestSequence(seed: 9)
        let direction = prediction.map { _ in numbers.next() }
        let step: Float = 1e-3
        let above = evaluate(loss, zip(prediction, direction).map { $0 + step * $1 }).0
        let below = evaluate(loss, zip(prediction, direction).map { $0 - step * $1 }).0
        let expected = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        let scale = zip(gradient, direction).reduce(0) { $0 + abs($1.0 * $1.1) }
        #expect(scale > 0)
        #expect(abs((above - below) / (2 * step) - expected) < 2e-3 * scale + 1e-3)
    }

    @Test("The scale multiplies value and gradient", arguments: losses)
    func scale(_ loss: any Loss) {
        let (value, gradient) = evaluate(loss, prediction)
        let (scaledValue, scaledGradient) = evaluate(loss, prediction, scale: -3)
        #expect(abs(scaledValue + 3 * value) < 1e-4 * abs(value))
        #expect(distance(scaledGradient, gradient.map { -3 * $0 }) < 1e-5)
    }

    @Test("Nothing counts where the weights are zero", arguments: losses)
    func noWeight(_ loss: any Loss) {
        var empty = self
        empty.weights = weights.map { _ in 0 }
        let (value, gradient) = empty.evaluate(loss, prediction)
        #expect(value == 0)
        #expect(gradient.allSatisfy { $0 == 0 })
    }

    @Test("The truth itself has no error")
    func perfect() {
        let perfect: [Float] = truth.flatMap { [$0, Float(0)] }
        for loss: any Loss in [SquaredError(), AbsoluteError(), DifferenceError(), StructuralDissimilarity()] {
            #expect(abs(evaluate(loss, perfect).0) < 1e-6)
        }
    }

    @Test("The structural dissimilarity is that of its definition, averaged over the windows")
    func definition() {
        let (rows, columns, width) = (13, 12, 5)
        var (sum, total) = (0.0, 0.0)
        for image in 0..<4 {
            for row in 2..<rows - 2 {
                for column in 2..<columns - 2 {
                    let weight = Double(weights[(image * rows + row) * columns + column])
                    sum += weight * dissimilarity(image: image, row: row, column: column)
                    total += weight
                }
            }
        }
        let found = evaluate(StructuralDissimilarity(width: width, sigma: 1), prediction).0
        #expect(abs(Double(found) - sum / total) < 1e-5)
    }

    /// 1 − SSIM in the window of 5 pixels around a pixel.
    private func dissimilarity(image: Int, row: Int, column: Int) -> Double {
        var (total, x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for down in -2...2 {
            for right in -2...2 {
                let weight = exp(-Double(down * down + right * right) / 2)
                let voxel = (image * 13 + row + down) * 12 + column + right
                let (p, t) = (Double(prediction[2 * voxel]), Double(truth[voxel]))
                total += weight
                x += weight * p
                y += weight * t
                xx += weight * p * p
                yy += weight * t * t
                xy += weight * p * t
            }
        }
        (x, y, xx, yy, xy) = (x / total, y / total, xx / total, yy / total, xy / total)
        let luminance = (2 * x * y + 0.0001) / (x * x + y * y + 0.0001)
        let structure = (2 * (xy - x * y) + 0.0009) / (xx - x * x + yy - y * y + 0.0009)
        return 1 - luminance * structure
    }
}
