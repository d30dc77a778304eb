internal import Detectors
internal import Foundation
public import Inpainting
internal import Volume
internal import WorkMessages

/// Continues log(1+I) into the gaps as a surface of least bending: Δ²x = 0 where nothing was measured.
///
/// The operator is the square of the seven-point Laplacian, its gradient zero at the borders of the block; conjugate
/// gradients start from linear interpolation. A baseline for comparison; it gives no uncertainty.
///
/// Source: Damelin and Hoang 2018, Int. J. Math. Math. Sci., 3950312, the method behind scikit-image's
/// `inpaint_biharmonic`.
public struct Biharmonic: GapFiller {
    private let start = Interpolation(.linear)

    private static let mostSteps = 400
    /// Of the residual to what it was at the start.
    private static let tolerance: Float = 1e-4

    public init() {}

    public func fill(_ block: inout FrameBlock) {
        let unknown = block.plans.enumerated().flatMap { frame, plan in
            plan.fillable.storage.indices.filter { plan.fillable.storage[$0] }
                .map { frame * plan.mask.storage.count + $0 }
        }
        guard !unknown.isEmpty else { return }
        start.fill(&block)
        var surface = block.data
        for index in surface.storage.indices { surface.storage[index] = log1p(surface.storage[index]) }
        Self.relax(&surface, at: unknown)
        for voxel in unknown { block.data.storage[voxel] = max(0, expm1(surface.storage[voxel])) }
    }

    /// Conjugate gradients over the unknown voxels; the others stay.
    private static func relax(_ surface: inout Volume<Float>, at unknown: [Int]) {
        var residual = bending(of: surface, at: unknown).map(-)
        var direction = Volume<Float>(shape: surface.shape, repeating: 0)
        for (index, voxel) in unknown.enumerated() { direction.storage[voxel] = residual[index] }
        var power = residual.reduce(0) { $0 + $1 * $1 }
        let enough = power * tolerance * tolerance
        for _ in 0..<mostSteps where power > enough {
            let image = bending(of: direction, at: unknown)
            let curvature = zip(unknown, image).reduce(0) { $0 + direction.storage[$1.0] * $1.1 }
            guard curvature > 0 else { return }
            let step = power / curvature
            for (index, voxel) in unknown.enumerated() {
                surface.storage[voxel] += step * direction.storage[voxel]
                residual[index] -= step * image[index]
            }
            let next = residual.reduce(0) { $0 + $1 * $1 }
            for (index, voxel) in unknown.enumerated() {
                direction.storage[voxel] = residual[index] + next / power * direction.storage[voxel]
            }
            power = next
        }
    }

    /// The biharmonic operator's value at some voxels.
    private static func bending(of surface: Volume<Float>, at voxels: [Int]) -> [Float] {
        let bending = laplacian(of: laplacian(of: surface))
        return voxels.map { bending.storage[$0] }
    }

    private static func laplacian(of surface: Volume<Float>) -> Volume<Float> {
        let shape = surface.shape
        var result = Volume<Float>(shape: shape, repeating: 0)
        result.storage.withUnsafeMutableBufferPointer { result in
            surface.storage.withUnsafeBufferPointer { values in
                /// Adds to both voxels of each pair of neighbours how far the other one is above it.
                func add(_ first: Int, _ count: Int, step: Int) {
                    for voxel in first..<first + count {
                        let difference = values[voxel &+ step] - values[voxel]
                        result[voxel] += difference
                        result[voxel &+ step] -= difference
                    }
                }
                let frame = shape.frame.count
                add(0, (shape.frames - 1) * frame, step: frame)
                for start in stride(from: 0, to: shape.count, by: frame) {
                    add(start, frame - shape.columns, step: shape.columns)
                }
                for start in stride(from: 0, to: shape.count, by: shape.columns) {
                    add(start, shape.columns - 1, step: 1)
                }
            }
        }
        return result
    }
}
