import Volume

/// The energy of a set of atoms and the forces on them.
///
/// Every atom gathers from its own neighbours and writes to itself only, so that neither energy nor forces depend on the
/// number of threads.
struct AtomicForces: Sendable {
    private let table: PairTable
    /// Atoms that one core takes at a time.
    private static let blockSize = 2048

    init(_ potential: TightBindingPotential) { table = PairTable(potential) }

    /// - Parameters:
    ///   - positions: in Å.
    ///   - list: all neighbours within the cutoff, and maybe more.
    /// - Returns: each atom's energy in eV and the force on it in eV/Å.
    func callAsFunction(
        _ positions: [SIMD3<Double>], _ list: NeighbourList
    ) -> (energies: [Double], forces: [SIMD3<Double>]) {
        var energies = [Double](repeating: 0, count: positions.count)
        // Half the inverse of each atom's root: the derivative of the root by what stands under it.
        var halves = energies
        var forces = [SIMD3<Double>](repeating: .zero, count: positions.count)
        energies.withUnsafeMutableBufferPointer { energies in
            halves.withUnsafeMutableBufferPointer { halves in
                forEachNeighbourhood(of: positions, list) { atom, positions, neighbours, table in
                    var sum = SIMD2<Double>.zero
                    for neighbour in neighbours {
                        let arm = positions[atom] - positions[Int(neighbour)]
                        let square = (arm * arm).sum()
                        if square < table.squaredCutoff { sum += table.terms(square) }
                    }
                    let root = sum.y.squareRoot()
                    energies[atom] = sum.x - root
                    halves[atom] = root > 0 ? 0.5 / root : 0
                }
            }
        }
        halves.withUnsafeBufferPointer { halves in
            forces.withUnsafeMutableBufferPointer { forces in
                forEachNeighbourhood(of: positions, list) { atom, positions, neighbours, table in
                    var force = SIMD3<Double>.zero
                    for neighbour in neighbours {
                        let arm = positions[atom] - positions[Int(neighbour)]
                        let square = (arm * arm).sum()
                        guard square < table.squaredCutoff else { continue }
                        let slopes = table.slopes(square)
                        force -= arm * (4 * slopes.x - 2 * (halves[atom] + halves[Int(neighbour)]) * slopes.y)
                    }
                    forces[atom] = force
                }
            }
        }
        return (energies, forces)
    }

    /// Runs `body` on every atom, on all cores.
    private func forEachNeighbourhood(
        of positions: [SIMD3<Double>], _ list: NeighbourList,
        _ body: (Int, UnsafeBufferPointer<SIMD3<Double>>, Slice<UnsafeBufferPointer<Int32>>, PairTable.Reader) -> Void
    ) {
        let size = Self.blockSize
        positions.withUnsafeBufferPointer { positions in
            list.neighbours.withUnsafeBufferPointer { neighbours in
                list.starts.withUnsafeBufferPointer { starts in
                    table.withReader { table in
                        onAllCores((positions.count + size - 1) / size) { block in
                            for atom in block * size..<min((block + 1) * size, positions.count) {
                                body(atom, positions, neighbours[starts[atom]..<starts[atom + 1]], table)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A potential's pair terms as cubic splines of the squared distance: no root and no exponential for any of the millions
/// of pairs, at errors below 1e-5 eV/Å.
struct PairTable: Sendable {
    /// The coefficients of one interval for both terms at once; they fill a cache line.
    fileprivate struct Interval: Sendable {
        var constant: SIMD2<Double>
        var linear: SIMD2<Double>
        var quadratic: SIMD2<Double>
        var cubic: SIMD2<Double>
    }

    private static let intervalCount = 2048

    /// From here on there is nothing, in Å².
    let squaredCutoff: Double
    private let first: Double
    private let perStep: Double
    private let intervals: [Interval]

    init(_ potential: TightBindingPotential) {
        squaredCutoff = potential.cutoff * potential.cutoff
        let first = 0.25 * potential.bondLength * potential.bondLength
        let step = (squaredCutoff - first) / Double(Self.intervalCount)
        (self.first, perStep) = (first, 1 / step)
        // Terms and their derivatives by the interval's own coordinate, 0 ... 1.
        let knots = (0...Self.intervalCount).map { index in
            let distance = (first + Double(index) * step).squareRoot()
            let (terms, slopes) = potential.pair(distance: distance)
            return (terms: terms, slopes: slopes * (step / (2 * distance)))
        }
        intervals = zip(knots, knots.dropFirst()).map { left, right in
            let rise = right.terms - left.terms
            return Interval(
                constant: left.terms, linear: left.slopes, quadratic: 3 * rise - 2 * left.slopes - right.slopes,
                cubic: left.slopes + right.slopes - 2 * rise)
        }
    }

    /// Gives `body` what looks terms up while the table lies still in memory.
    func withReader<Result>(_ body: (Reader) -> Result) -> Result {
        intervals.withUnsafeBufferPointer {
            body(Reader(squaredCutoff: squaredCutoff, first: first, perStep: perStep, intervals: $0))
        }
    }

    /// Valid inside of `withReader` only.
    struct Reader {
        let squaredCutoff: Double
        fileprivate let first: Double
        fileprivate let perStep: Double
        fileprivate let intervals: UnsafeBufferPointer<Interval>

        /// The terms of a pair below the cutoff: repulsion, and what stands under the root.
        @inline(__always)
        func terms(_ squaredDistance: Double) -> SIMD2<Double> {
            let (interval, x) = locate(squaredDistance)
            return interval.constant + x * (interval.linear + x * (interval.quadratic + x * interval.cubic))
        }

        /// Their derivatives by the squared distance.
        @inline(__always)
        func slopes(_ squaredDistance: Double) -> SIMD2<Double> {
            let (interval, x) = locate(squaredDistance)
            return perStep * (interval.linear + x * (2 * interval.quadratic + (3 * x) * interval.cubic))
        }

        /// Nearer than the table reaches, the first interval goes on.
        @inline(__always)
        private func locate(_ squaredDistance: Double) -> (Interval, Double) {
            let place = (squaredDistance - first) * perStep
            let index = max(0, min(Int(place), intervals.count &- 1))
            return (intervals[index], place - Double(index))
        }
    }
}

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
