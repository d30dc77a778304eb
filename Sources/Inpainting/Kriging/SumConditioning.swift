internal import Foundation
internal import Fourier
internal import Volume

/// Makes the field of a tile agree with the counts that groups of its unknown voxels hold together.
///
/// The groups' counts are fixed to first order in the roots, ∑ rᵢ² sᵢ dxᵢ = 0 with the strength sᵢ of the fringes, and
/// what is left free of all unknown voxels moves to its conditional mean by conjugate gradients within these planes
/// (Nocedal and Wright 2006, Numerical Optimization, algorithm 16.2). Before and after, each group is scaled to its sum.
struct SumConditioning {
    /// Conjugate-gradient steps: few, since what the sums leave free are only the differences within the groups.
    static let steps = 4

    let grid: PeriodicGrid
    let voxels: TileVoxels
    let scratch: KrigingScratch
    let field: KrigingField

    /// Changes the field, given by its spectrum in the scratch memory.
    func apply() {
        scratch.readField(grid)
        let positions = voxels.gaps.unknown.map { grid.position($0) }
        var values = positions.map { scratch.field[$0] }
        let start = values
        scale(&values)
        let normals = normals(values)
        // The gradient of ½ u · P u, which also knows what the scaling has changed.
        scratch.field.update(repeating: 0)
        for (index, position) in positions.enumerated() { scratch.field[position] = values[index] - start[index] }
        addChange()
        let gradient = multiplied(by: scratch.spectrum, at: positions)
        let change = solve(gradient.map { -$0 }, normals: normals, positions: positions)
        var moved = values
        for index in moved.indices { moved[index] += change[index] }
        scale(&moved)
        scratch.field.update(repeating: 0)
        for (index, position) in positions.enumerated() { scratch.field[position] = moved[index] - values[index] }
        addChange()
    }

    /// Scales the counts of each group to their sum.
    private func scale(_ values: inout [Float]) {
        for group in voxels.sums {
            let counts = group.members.map { Double(count(values, $0)) }
            let total = counts.reduce(0, +)
            for (member, count) in zip(group.members, counts) {
                let scaled = total > 0 ? count * Double(group.sum) / total : Double(group.sum) / Double(counts.count)
                values[member] = field.value(root: CountRoot.of(Float(scaled)), at: voxels.gaps.unknown[member])
            }
        }
    }

    /// The counts that a voxel is expected to hold.
    private func count(_ values: [Float], _ member: Int) -> Float {
        max(1e-3, CountRoot.count(field.root(value: values[member], at: voxels.gaps.unknown[member])))
    }

    /// For each unknown voxel in a group the component of the unit vector along which the group's sum changes.
    private func normals(_ values: [Float]) -> [Float] {
        var normals = [Float](repeating: 0, count: values.count)
        for group in voxels.sums {
            var square: Float = 0
            for member in group.members {
                let voxel = voxels.gaps.unknown[member]
                let root = field.root(value: values[member], at: voxel)
                normals[member] = CountRoot.slope(max(CountRoot.ofNone, root)) * field.strength[voxel]
                square += normals[member] * normals[member]
            }
            for member in group.members { normals[member] /= square.squareRoot() }
        }
        return normals
    }

    /// Takes away what would change the groups' sums.
    private func project(_ values: inout [Float], normals: [Float]) {
        for group in voxels.sums {
            var along: Float = 0
            for member in group.members { along += normals[member] * values[member] }
            for member in group.members { values[member] -= along * normals[member] }
        }
    }

    /// The change that solves P · change = `right` within the planes of constant sums, from 0.
    private func solve(_ right: [Float], normals: [Float], positions: [Int]) -> [Float] {
        var result = [Float](repeating: 0, count: right.count)
        var residual = right
        project(&residual, normals: normals)
        var direction = residual
        var square = dot(residual, residual)
        let enough = square * 1e-6
        for _ in 0..<Self.steps where square > enough {
            scratch.field.update(repeating: 0)
            for (position, value) in zip(positions, direction) { scratch.field[position] = value }
            grid.transform.forward(scratch.field, to: scratch.draft, image: scratch.image)
            let product = multiplied(by: scratch.draft, at: positions)
            let curvature = dot(direction, product)
            guard curvature > 0 else { break }
            let step = Float(square / curvature)
            for index in result.indices {
                result[index] += step * direction[index]
                residual[index] -= step * product[index]
            }
            project(&residual, normals: normals)
            let next = dot(residual, residual)
            let ratio = Float(next / square)
            for index in direction.indices { direction[index] = residual[index] + ratio * direction[index] }
            square = next
        }
        return result
    }

    /// P times the field of a spectrum, at some positions of the grid.
    private func multiplied(by spectrum: UnsafeMutableBufferPointer<ComplexFloat>, at positions: [Int]) -> [Float] {
        for index in 0..<scratch.draft.count { scratch.draft[index] = spectrum[index] * scratch.precision[index] }
        grid.transform.backward(scratch.draft, to: scratch.field, image: scratch.image)
        let scale = 1 / Float(grid.shape.count)
        return positions.map { scratch.field[$0] * scale }
    }

    /// Adds the spectrum of what stands in the field's memory.
    private func addChange() {
        grid.transform.forward(scratch.field, to: scratch.draft, image: scratch.image)
        for index in 0..<scratch.draft.count {
            scratch.spectrum[index].real += scratch.draft[index].real
            scratch.spectrum[index].imaginary += scratch.draft[index].imaginary
        }
    }

    private func dot(_ left: [Float], _ right: [Float]) -> Double {
        var sum = 0.0
        for index in left.indices { sum += Double(left[index] * right[index]) }
        return sum
    }
}
