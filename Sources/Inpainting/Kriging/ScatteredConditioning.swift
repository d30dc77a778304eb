internal import Fourier
internal import Volume

/// Moves unknown voxels that lie in no band towards their conditional mean, given all else on the grid, by conjugate
/// gradients.
struct ScatteredConditioning {
    static let steps = 8

    let grid: PeriodicGrid
    /// Positions on the grid.
    private let voxels: [Int]
    private let scratch: KrigingScratch

    /// - Parameter voxels: positions in the tile.
    init(grid: PeriodicGrid, voxels: [Int], scratch: KrigingScratch) {
        self.grid = grid
        self.voxels = voxels.map { grid.position($0) }
        self.scratch = scratch
    }

    /// Changes the field, given by its spectrum in the scratch memory.
    func apply() {
        for index in 0..<scratch.draft.count {
            scratch.draft[index] = scratch.spectrum[index] * scratch.precision[index]
        }
        grid.transform.backward(scratch.draft, to: scratch.field, image: scratch.image)
        let scale = 1 / Float(grid.shape.count)
        let change = solve(voxels.map { -scratch.field[$0] * scale })
        scatter(change)
        grid.transform.forward(scratch.field, to: scratch.draft, image: scratch.image)
        for index in 0..<scratch.draft.count {
            scratch.spectrum[index].real += scratch.draft[index].real
            scratch.spectrum[index].imaginary += scratch.draft[index].imaginary
        }
    }

    /// The diagonal of the inverse of P restricted to the voxels, averaged over groups of them, as Hutchinson estimates
    /// it: the mean of z · P⁻¹ z over random signs z.
    func variances(groups: [Int], count: Int) -> [Float] {
        let signs = voxels.indices.map(Self.sign)
        var sums = [Float](repeating: 0, count: count)
        var counts = [Float](repeating: 0, count: count)
        for (index, value) in solve(signs).enumerated() {
            sums[groups[index]] += value * signs[index]
            counts[groups[index]] += 1
        }
        return zip(sums, counts).map { max(0, $0) / max($1, 1) }
    }

    /// Solves (P restricted to the voxels) · result = `right`, from 0.
    private func solve(_ right: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: right.count)
        var residual = right
        var direction = right
        var square = dot(residual, residual)
        let enough = square * 1e-6
        for _ in 0..<Self.steps where square > enough {
            let product = multiply(direction)
            let curvature = dot(direction, product)
            guard curvature > 0 else { break }
            let step = Float(square / curvature)
            for index in result.indices {
                result[index] += step * direction[index]
                residual[index] -= step * product[index]
            }
            let next = dot(residual, residual)
            let ratio = Float(next / square)
            for index in direction.indices { direction[index] = residual[index] + ratio * direction[index] }
            square = next
        }
        return result
    }

    private func multiply(_ values: [Float]) -> [Float] {
        scatter(values)
        grid.transform.forward(scratch.field, to: scratch.draft, image: scratch.image)
        for index in 0..<scratch.draft.count { scratch.draft[index] = scratch.draft[index] * scratch.precision[index] }
        grid.transform.backward(scratch.draft, to: scratch.field, image: scratch.image)
        let scale = 1 / Float(grid.shape.count)
        return voxels.map { scratch.field[$0] * scale }
    }

    private func scatter(_ values: [Float]) {
        scratch.field.update(repeating: 0)
        for (voxel, value) in zip(voxels, values) { scratch.field[voxel] = value }
    }

    private func dot(_ left: [Float], _ right: [Float]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += Double(left[index] * right[index]) }
        return sum
    }

    /// +1 or -1, as if at random (the finalizer of SplitMix64).
    private static func sign(_ index: Int) -> Float {
        var bits = UInt64(index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return (bits ^ (bits >> 31)) & 1 == 0 ? 1 : -1
    }
}
