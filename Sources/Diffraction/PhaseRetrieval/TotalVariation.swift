internal import Foundation
internal import Fourier
internal import Volume

/// How much an object changes from voxel to voxel: the sum of the moduli of its gradient.
///
/// Steps down it between iterations favour objects of few edges among those that the measured voxels leave open. Sources:
/// Rudin, Osher and Fatemi 1992, Physica D 60, 259-268; in turn with projections as in Sidky and Pan 2008, Physics in
/// Medicine and Biology 53, 4777-4807.
enum TotalVariation {
    /// Which change is taken for none, as a share of the greatest modulus: it makes the sum smooth.
    private static let softness: Float = 0.02

    /// - Parameter softness: added in squares to each gradient.
    static func value(of object: Volume<ComplexFloat>, softness: Float) -> Double {
        var norms = [Float](repeating: 0, count: object.storage.count)
        object.storage.withUnsafeBufferPointer { write(norms: &norms, of: $0, object.shape, softness: softness) }
        return norms.reduce(0) { $0 + Double($1) }
    }

    /// The change of ``value(of:softness:)`` with each voxel: real and imaginary parts of the derivatives.
    static func gradient(of object: Volume<ComplexFloat>, softness: Float) -> [ComplexFloat] {
        var result = [ComplexFloat](repeating: ComplexFloat(0), count: object.storage.count)
        object.storage.withUnsafeBufferPointer { write(gradient: &result, of: $0, object.shape, softness: softness) }
        return result
    }

    /// Takes one step down, inside of the support; what is outside counts as 0.
    ///
    /// - Parameter share: length of the step as a share of that of the object.
    static func descend(
        _ object: UnsafeMutableBufferPointer<ComplexFloat>, support: UnsafeMutableBufferPointer<UInt8>,
        shape: VolumeShape, share: Float
    ) {
        var (greatest, squares): (Float, Double) = (0, 0)
        let inside = object.indices.map { support[$0] != 0 ? object[$0] : ComplexFloat(0) }
        for value in inside {
            greatest = max(greatest, value.squaredModulus)
            squares += Double(value.squaredModulus)
        }
        guard greatest > 0 else { return }
        var gradient = [ComplexFloat](repeating: ComplexFloat(0), count: inside.count)
        inside.withUnsafeBufferPointer {
            write(gradient: &gradient, of: $0, shape, softness: softness * greatest.squareRoot())
        }
        var length = 0.0
        for voxel in inside.indices where support[voxel] != 0 { length += Double(gradient[voxel].squaredModulus) }
        guard length > 0 else { return }
        let step = -share * Float((squares / length).squareRoot())
        for voxel in inside.indices where support[voxel] != 0 {
            object[voxel] = ComplexFloat(
                object[voxel].real + step * gradient[voxel].real,
                object[voxel].imaginary + step * gradient[voxel].imaginary)
        }
    }

    /// The voxels before and after along each axis, as steps in memory; the last one of an axis has none after it.
    private static func forEachVoxel(
        _ shape: VolumeShape, _ body: (_ voxel: Int, _ stepsAfter: SIMD3<Int>) -> Void
    ) {
        var voxel = 0
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    body(
                        voxel,
                        SIMD3(
                            frame + 1 < shape.frames ? shape.frame.count : 0, row + 1 < shape.rows ? shape.columns : 0,
                            column + 1 < shape.columns ? 1 : 0))
                    voxel += 1
                }
            }
        }
    }

    private static func write(
        norms: inout [Float], of values: UnsafeBufferPointer<ComplexFloat>, _ shape: VolumeShape, softness: Float
    ) {
        norms.withUnsafeMutableBufferPointer { norms in
            forEachVoxel(shape) { voxel, steps in
                let value = values[voxel]
                var squares = softness * softness
                for axis in 0..<3 {
                    let next = values[voxel &+ steps[axis]]
                    let (real, imaginary) = (next.real - value.real, next.imaginary - value.imaginary)
                    squares += real * real + imaginary * imaginary
                }
                norms[voxel] = squares.squareRoot()
            }
        }
    }

    private static func write(
        gradient: inout [ComplexFloat], of values: UnsafeBufferPointer<ComplexFloat>, _ shape: VolumeShape,
        softness: Float
    ) {
        var norms = [Float](repeating: 0, count: values.count)
        write(norms: &norms, of: values, shape, softness: softness)
        gradient.withUnsafeMutableBufferPointer { gradient in
            forEachVoxel(shape) { voxel, steps in
                let value = values[voxel]
                let weight = 1 / norms[voxel]
                for axis in 0..<3 where steps[axis] > 0 {
                    let after = voxel &+ steps[axis]
                    let real = weight * (values[after].real - value.real)
                    let imaginary = weight * (values[after].imaginary - value.imaginary)
                    gradient[voxel] = ComplexFloat(gradient[voxel].real - real, gradient[voxel].imaginary - imaginary)
                    gradient[after] = ComplexFloat(gradient[after].real + real, gradient[after].imaginary + imaginary)
                }
            }
        }
    }
}
