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
    /// Phases are taken relative to the last fit, which starts with none, so that they may wrap.
    init(fittedTo values: Volume<ComplexFloat>) {
        for _ in 0..<Self.rounds {
            // Normal equations of (offset, gradient).
            var matrix = [SIMD4<Double>](repeating: .zero, count: 4)
            var moments = SIMD4<Double>.zero
            forEachVoxel(of: values) { value, phase, position in
                let weight = Double(value.squaredModulus).squareRoot()
                guard weight > 0 else { return }
                let residual = atan2(Double(value.imaginary), Double(value.real)) - phase
                let wrapped = residual - 2 * .pi * (residual / (2 * .pi)).rounded()
                let arm = SIMD4(1, position.x, position.y, position.z)
                for row in 0..<4 { matrix[row] += weight * arm[row] * arm }
                moments += weight * wrapped * arm
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
        var voxel = 0
        var turned = values.storage
        forEachVoxel(of: values) { value, phase, _ in
            turned[voxel] = value * ComplexFloat(turns: -phase / (2 * .pi))
            voxel += 1
        }
        values.storage = turned
    }

    private func forEachVoxel(
        of values: Volume<ComplexFloat>, _ body: (ComplexFloat, _ phase: Double, _ position: SIMD3<Double>) -> Void
    ) {
        let shape = values.shape
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                let base = values.rowBase(frame: frame, row: row)
                for column in 0..<shape.columns {
                    let position = SIMD3(
                        Double(frame - shape.frames / 2), Double(row - shape.rows / 2),
                        Double(column - shape.columns / 2))
                    body(values.storage[base + column], offset + (gradient * position).sum(), position)
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
