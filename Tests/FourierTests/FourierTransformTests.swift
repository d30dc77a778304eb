import Diffraction
import Foundation
import Fourier
import Testing
import Volume

@Suite struct FourierTransformTests {
    static let shapes = [
        VolumeShape(frames: 3, rows: 5, columns: 7), VolumeShape(frames: 1, rows: 4, columns: 6),
        VolumeShape(frames: 2, rows: 1, columns: 9), VolumeShape(frames: 4, rows: 3, columns: 1),
    ]

    private func randomValues(_ count: Int) -> [ComplexFloat] {
        var generator = SeededGenerator(seed: 1)
        return (0..<count).map { _ in ComplexFloat(Float(generator.normal()), Float(generator.normal())) }
    }

    /// F(k) = Σ f(x) exp(-2πi k·x/N), term by term.
    private func naiveTransform(_ values: [ComplexFloat], _ shape: VolumeShape) -> Volume<ComplexFloat> {
        var result = Volume(shape: shape, repeating: ComplexFloat(0))
        let input = Volume(shape: shape, storage: values)
        func forEach(_ body: (Int, Int, Int) -> Void) {
            for f in 0..<shape.frames { for r in 0..<shape.rows { for c in 0..<shape.columns { body(f, r, c) } } }
        }
        forEach { f, r, c in
            var sum = (real: 0.0, imaginary: 0.0)
            forEach { x, y, z in
                let turns =
                    Double(f * x) / Double(shape.frames) + Double(r * y) / Double(shape.rows)
                    + Double(c * z) / Double(shape.columns)
                let (cosine, sine) = (cos(2 * Double.pi * turns), -sin(2 * Double.pi * turns))
                let value = input[x, y, z]
                sum.real += Double(value.real) * cosine - Double(value.imaginary) * sine
                sum.imaginary += Double(value.real) * sine + Double(value.imaginary) * cosine
            }
            result[f, r, c] = ComplexFloat(Float(sum.real), Float(sum.imaginary))
        }
        return result
    }

    private func largestDifference(_ left: [ComplexFloat], _ right: [ComplexFloat]) -> Float {
        zip(left, right).map { max(abs($0.real - $1.real), abs($0.imaginary - $1.imaginary)) }.max() ?? .infinity
    }

    @Test(arguments: shapes) func complexTransformEqualsTheSum(shape: VolumeShape) {
        let values = randomValues(shape.count)
        var transformed = values
        let transform = FourierTransform3D(shape: shape)
        transform.forward(&transformed)
        #expect(largestDifference(transformed, naiveTransform(values, shape).storage) < 2e-5)
        transform.inverse(&transformed)
        #expect(largestDifference(transformed, values) < 1e-6)
    }

    @Test func oneTransformServesManyThreads() {
        let shape = VolumeShape(frames: 4, rows: 6, columns: 10)
        let transform = FourierTransform3D(shape: shape)
        let values = randomValues(shape.count)
        var expected = values
        transform.forward(&expected)
        let reference = expected
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            var mine = values
            transform.forward(&mine)
            #expect(mine == reference)
            let planned = FourierTransform3D(shape: VolumeShape(frames: 1, rows: 3, columns: 8))
            #expect(planned.shape.count == 24)
        }
    }
}
