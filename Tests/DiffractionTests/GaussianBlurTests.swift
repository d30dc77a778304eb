import Foundation
import Testing
import Volume

@testable import Diffraction

@Suite struct GaussianBlurTests {
    @Test(arguments: [0.4, 1, 3]) func constantImagesStay(sigma: Double) {
        let shape = FrameShape(rows: 5, columns: 9)
        let image = GaussianBlur(sigma: sigma).applied(to: [Float](repeating: 7, count: 45), shape)
        #expect(image.allSatisfy { abs($0 - 7) < 1e-5 })
    }

    @Test func aPointBecomesAGaussian() {
        let shape = FrameShape(rows: 15, columns: 17)
        var image = [Float](repeating: 0, count: shape.count)
        image[7 * 17 + 8] = 1
        let blurred = GaussianBlur(sigma: 1.2).applied(to: image, shape)
        for row in 0..<15 {
            for column in 0..<17 {
                let square = Double((row - 7) * (row - 7) + (column - 8) * (column - 8))
                let expected = exp(-square / 2.88) / (2 * Double.pi * 1.44)
                #expect(abs(Double(blurred[row * 17 + column]) - expected) < 1e-4)
            }
        }
    }
}
