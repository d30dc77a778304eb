internal import Foundation
internal import Fourier
internal import Volume

/// A phase that grows evenly along each axis, from the middle voxel on.
struct LinearPhase {
    /// Radians per voxel.
    var gradient = SIMD3<Double>.zero
    /// Radians in the middle voxel.
    var offset = 0.0

    private static let rounds = 6

    /// The linear phase that fits those of a volume best, each weighted by its modulus.
    ///
    /// Phases are taken relative to the last fit, which starts with none, so that they may wrap. Voxels of less than a
    /// thousandth of the greatest modulus are left out.
    init(fittedTo values: Volume<ComplexFloat>) {
        let greatest = values.storage.reduce(0) { max($0, $1.squaredModulus) }
        var samples: [(weight: Double, phase: Double, arm: SIMD4<Double>)] = []
        Self.forEachVoxel(of: values.shape) { voxel, position in
            let value = values.storage[voxel]
            guard value.squaredModulus > 1e-6 * greatest else { return }
            samples.append(
                (
                    Double(value.squaredModulus).squareRoot(), atan2(Double(value.imaginary), Double(value.real)),
                    SIMD4(1, position.x, position.y, position.z)
                ))
        }
        for _ in 0..<Self.rounds {
            // Normal equations of (offset, gradient).
            let fit = SIMD4(offset, gradient.x, gradient.y, gradient.z)
            var matrix = [SIMD4<Double>](repeating: .zero, count: 4)
            var moments = SIMD4<Double>.zero
            for sample in samples {
                let residual = sample.phase - (fit * sample.arm).sum()
                let wrapped = residual - 2 * .pi * (residual / (2 * .pi)).rounded()
                let weighted = sample.weight * sample.arm
                for row in 0..<4 { matrix[row] += weighted[row] * sample.arm }
                moments += wrapped * weighted
            }
            guard let step = Self.solve(matrix, moments) else { return }
            offset += step[0]
            gradient += SIMD3(step[1], step[2], step[3])
        }
    }

    /// - Parameter shift: by how many voxels the transform's counterpart is moved.
    init(ofShift shift: SIMD3<Double>, shape: VolumeShape) {
        let extents = SIMD3(Double(shape.frames), Double(shape.rows), Double(shape.columns))
        gradient = -2 * .pi * shift / extents
    }

    /// Takes this phase off each voxel.
    func remove(from values: inout Volume<ComplexFloat>) {
        let shape = values.shape
        values.storage.withUnsafeMutableBufferPointer { storage in
            Self.forEachVoxel(of: shape) { voxel, position in
                let phase = offset + (gradient * position).sum()
                storage[voxel] = storage[voxel] * ComplexFloat(turns: -phase / (2 * .pi))
            }
        }
    }

    private static func forEachVoxel(of shape: VolumeShape, _ body: (Int, _ position: SIMD3<Double>) -> Void) {
        var voxel = 0
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let position = SIMD3(
                        Double(frame - shape.frames / 2), Double(row - shape.rows / 2),
                        Double(column - shape.columns / 2))
                    body(voxel, position)
                    voxel += 1
                }
            }
        }
    }

    /// Gauss' elimination for a symmetric positive definite matrix; `nil` where it is not definite.
    private static func solve(_ matrix: [SIMD4<Double>], _ right: SIMD4<Double>) -> SIMD4<Double>? {
        var (matrix, right) = (matrix, right)
        for pivot in 0..<4 {
            guard matrix[pivot][pivot] > 0 else { return nil }
            for row in pivot + 1..<4 {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                matrix[row] -= factor * matrix[pivot]
                right[row] -= factor * right[pivot]
            }
        }
        var solution = SIMD4<Double>.zero
        for row in (0..<4).reversed() {
            solution[row] = (right[row] - (matrix[row] * solution).sum()) / matrix[row][row]
        }
        return solution
    }
}
