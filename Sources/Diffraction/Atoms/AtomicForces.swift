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
