internal import Foundation
internal import Volume

extension CrystalObject {
    /// Atoms spread over the voxels around them as Gaussians, each with its phase.
    ///
    /// The transform of that, divided by the Gaussian's, is the sum over the atoms (Greengard and Lee 2004, SIAM Review
    /// 46, 443-454).
    init(_ atoms: Scatterers, on lattice: ObjectLattice) {
        var real = [Float](repeating: 0, count: lattice.planes * lattice.rows * lattice.columns)
        var imaginary = real
        let spread = Spread(atoms, on: lattice)
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                guard let real = real.baseAddress, let imaginary = imaginary.baseAddress else { return }
                let thickness = 8
                onAllCores((lattice.planes + thickness - 1) / thickness) { slab in
                    let planes = slab * thickness..<min((slab + 1) * thickness, lattice.planes)
                    spread.add(toPlanes: planes, real: real, imaginary: imaginary)
                }
            }
        }
        let spans = (0..<lattice.planes * lattice.rows).map { line in
            let columns = line * lattice.columns..<(line + 1) * lattice.columns
            guard let first = columns.first(where: { real[$0] != 0 || imaginary[$0] != 0 }),
                let last = columns.last(where: { real[$0] != 0 || imaginary[$0] != 0 })
            else { return 0..<0 }
            return first - columns.lowerBound..<last + 1 - columns.lowerBound
        }
        self.init(lattice: lattice, real: real, imaginary: imaginary, spans: spans)
    }
}

/// Atoms in voxels, sorted by plane.
private struct Spread {
    private let lattice: ObjectLattice
    private let places: [SIMD3<Double>]
    private let phases: [Double]
    /// Which atoms lie between a plane and the next.
    private let planes: [[Int]]

    init(_ atoms: Scatterers, on lattice: ObjectLattice) {
        self.lattice = lattice
        phases = atoms.phases
        places = atoms.positions.map(lattice.index)
        var planes = [[Int]](repeating: [], count: lattice.planes)
        for (atom, place) in places.enumerated() {
            planes[max(0, min(Int(place.x), lattice.planes - 1))].append(atom)
        }
        self.planes = planes
    }

    /// Adds all atoms to some planes, and to these only.
    func add(
        toPlanes slab: Range<Int>, real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>
    ) {
        let reach = Int(lattice.margin.rounded(.up))
        let width = 2 * reach + 1
        let near = max(0, slab.lowerBound - reach - 1)..<min(slab.upperBound + reach + 1, lattice.planes)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * width) { weights in
            guard let inPlanes = weights.baseAddress else { return }
            let (inRows, inColumns) = (inPlanes + width, inPlanes + 2 * width)
            for atom in near.lazy.flatMap({ planes[$0] }) {
                let place = places[atom]
                let planes = write(to: inPlanes, around: place.x, count: lattice.planes)
                let rows = write(to: inRows, around: place.y, count: lattice.rows)
                let columns = write(to: inColumns, around: place.z, count: lattice.columns)
                let (cosine, sine) = (Float(cos(phases[atom])), Float(sin(phases[atom])))
                for plane in planes.clamped(to: slab) {
                    for row in rows {
                        let weight = inPlanes[plane - planes.lowerBound] * inRows[row - rows.lowerBound]
                        let (x, y) = (weight * cosine, weight * sine)
                        let base = (plane &* lattice.rows &+ row) &* lattice.columns &+ columns.lowerBound
                        for column in 0..<columns.count {
                            real[base &+ column] += x * inColumns[column]
                            imaginary[base &+ column] += y * inColumns[column]
                        }
                    }
                }
            }
        }
    }

    /// Writes the Gaussian around a place for the voxels it reaches, which are returned.
    private func write(to weights: UnsafeMutablePointer<Float>, around place: Double, count: Int) -> Range<Int> {
        let first = max(0, Int((place - lattice.margin).rounded(.up)))
        let last = min(count - 1, Int((place + lattice.margin).rounded(.down)))
        guard first <= last else { return 0..<0 }
        let norm = 1 / (lattice.blur * (2 * Double.pi).squareRoot())
        for voxel in first...last {
            let distance = (Double(voxel) - place) / lattice.blur
            weights[voxel - first] = Float(norm * exp(-0.5 * distance * distance))
        }
        return first..<last + 1
    }
}
