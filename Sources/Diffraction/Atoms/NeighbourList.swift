import Volume

/// For each atom, all others within a reach; found by sorting the atoms into cells as wide as that.
///
/// Source: Allen and Tildesley 2017, Computer Simulation of Liquids, chapter 5.3.
struct NeighbourList: Sendable {
    /// Where each atom's neighbours start in `neighbours`; one more than there are atoms.
    let starts: [Int]
    let neighbours: [Int32]

    /// - Parameter reach: in the units of the positions.
    init(_ positions: [SIMD3<Double>], within reach: Double) {
        let cells = Cells(positions, width: reach)
        let squaredReach = reach * reach
        let size = 4096
        let blocks = concurrentMap(0..<(positions.count + size - 1) / size) { block in
            let atoms = block * size..<min((block + 1) * size, positions.count)
            var counts: [Int] = []
            var found: [Int32] = []
            for atom in atoms {
                let before = found.count
                cells.forEachCandidate(near: positions[atom]) { other in
                    let arm = positions[Int(other)] - positions[atom]
                    if (arm * arm).sum() < squaredReach, other != atom { found.append(other) }
                }
                counts.append(found.count - before)
            }
            return (counts: counts, found: found)
        }
        var starts = [0]
        starts.reserveCapacity(positions.count + 1)
        for block in blocks {
            for count in block.counts { starts.append(starts[starts.count - 1] + count) }
        }
        self.starts = starts
        neighbours = Array(blocks.map(\.found).joined())
    }
}

/// Atoms sorted into cubic cells.
private struct Cells: Sendable {
    private let origin: SIMD3<Double>
    private let width: Double
    /// How many cells there are along each axis; the outermost stay empty.
    private let extents: SIMD3<Int>
    private let starts: [Int]
    private let atoms: [Int32]

    init(_ positions: [SIMD3<Double>], width: Double) {
        let first = positions.first ?? .zero
        let lower = positions.reduce(first) { pointwiseMin($0, $1) }
        let upper = positions.reduce(first) { pointwiseMax($0, $1) }
        let extents = SIMD3<Int>((upper - lower) / width, rounding: .down) &+ 4
        let origin = lower - 1.5 * width
        (self.origin, self.width, self.extents) = (origin, width, extents)
        let cells = positions.map { Self.cell($0, origin: origin, width: width, extents: extents) }
        var starts = [Int](repeating: 0, count: extents.x * extents.y * extents.z + 1)
        for cell in cells { starts[cell + 1] += 1 }
        for cell in 1..<starts.count { starts[cell] += starts[cell - 1] }
        var next = starts
        var atoms = [Int32](repeating: 0, count: positions.count)
        for (atom, cell) in cells.enumerated() {
            atoms[next[cell]] = Int32(atom)
            next[cell] += 1
        }
        (self.starts, self.atoms) = (starts, atoms)
    }

    /// Runs `body` on all atoms of a position's cell and of those around it.
    func forEachCandidate(near position: SIMD3<Double>, _ body: (Int32) -> Void) {
        let centre = Self.cell(position, origin: origin, width: width, extents: extents)
        for plane in -1...1 {
            for row in -1...1 {
                // Three cells in line lie together.
                let cell = centre + (plane * extents.y + row) * extents.z
                for index in starts[cell - 1]..<starts[cell + 2] { body(atoms[index]) }
            }
        }
    }

    private static func cell(
        _ position: SIMD3<Double>, origin: SIMD3<Double>, width: Double, extents: SIMD3<Int>
    ) -> Int {
        let index = SIMD3<Int>((position - origin) / width, rounding: .down)
        return (index.x * extents.y + index.y) * extents.z + index.z
    }
}
