internal import Foundation
internal import Fourier
internal import Volume

/// A strained crystal as complex density ρ exp(iφ) on a lattice (plane, row, column).
struct CrystalObject: Sendable {
    /// What deviates from a perfect crystal; lengths in units of the crystal's size.
    struct Imperfections {
        /// Peak-to-valley range of the phase inside the crystal in radians.
        var strain: Double
        var strainLength: Double
        /// Standard deviation of the density inside, relative to its mean.
        var modulusNoise: Double
        var modulusNoiseLength: Double
        /// Which share of the phase comes from relaxed facets.
        var relaxation: Double
        var relaxationLength: Double
    }

    let lattice: ObjectLattice
    /// Real and imaginary part, apart so that loops over them vectorise.
    private(set) var real: [Float]
    private(set) var imaginary: [Float]
    /// For each row, the columns where the density does not vanish.
    let spans: [Range<Int>]
}

extension CrystalObject {
    /// - Parameter crystal: normalized; `lattice` must be its.
    init(
        crystal: Crystal, on lattice: ObjectLattice, imperfections: Imperfections,
        using generator: inout SeededGenerator
    ) {
        self.lattice = lattice
        let density = CrystalDensity(of: crystal, on: lattice)
        spans = (0..<lattice.planes * lattice.rows).map {
            density.span(plane: $0 / lattice.rows, row: $0 % lattice.rows)
        }
        real = [Float](repeating: 0, count: lattice.planes * lattice.rows * lattice.columns)
        imaginary = real

        forEachRow { real, _, plane, row, columns in
            density.write(to: real, plane: plane, row: row, columns: columns)
        }
        if imperfections.modulusNoise != 0 { roughen(imperfections, using: &generator) }
        if imperfections.strain != 0 { strain(imperfections, crystal: crystal, using: &generator) }
    }

    /// Runs `body` on every row that is not empty, on all cores, with pointers to its first column.
    ///
    /// No two calls share a row, so that the result does not depend on the number of threads.
    private mutating func forEachRow(
        _ body: (
            _ real: UnsafeMutablePointer<Float>, _ imaginary: UnsafeMutablePointer<Float>, _ plane: Int, _ row: Int,
            _ columns: Range<Int>
        ) -> Void
    ) {
        let (lattice, spans) = (lattice, spans)
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                guard let realStart = real.baseAddress, let imaginaryStart = imaginary.baseAddress else { return }
                onAllCores(lattice.planes) { plane in
                    for row in 0..<lattice.rows {
                        let index = plane &* lattice.rows &+ row
                        let columns = spans[index]
                        if columns.isEmpty { continue }
                        let base = index &* lattice.columns
                        body(realStart + base, imaginaryStart + base, plane, row, columns)
                    }
                }
            }
        }
    }

    /// Gives the modulus the noise of an imperfect reconstruction or an inhomogeneous crystal.
    private mutating func roughen(_ imperfections: Imperfections, using generator: inout SeededGenerator) {
        let noise = RandomField(on: lattice, correlationLength: imperfections.modulusNoiseLength, using: &generator)
        let amplitude = Float(imperfections.modulusNoise)
        forEachRow { density, factor, plane, row, columns in
            for column in columns { factor[column] = 1 }
            noise.add(amplitude: amplitude, to: factor, plane: plane, row: row, columns: columns)
            for column in columns {
                density[column] *= max(0, factor[column])
                factor[column] = 0
            }
        }
    }

    /// Turns the density ρ into ρ exp(iφ), where φ is a smooth random field and relaxed facets, scaled as asked.
    private mutating func strain(
        _ imperfections: Imperfections, crystal: Crystal, using generator: inout SeededGenerator
    ) {
        let bulk = RandomField(on: lattice, correlationLength: imperfections.strainLength, using: &generator)
        let surface = SurfaceRelaxation(
            on: lattice, crystal: crystal, decayLength: imperfections.relaxationLength, bragg: generator.direction(),
            using: &generator)
        let share = Float(imperfections.relaxation)
        forEachRow { _, phase, plane, row, columns in
            bulk.add(amplitude: 1 - share, to: phase, plane: plane, row: row, columns: columns)
            surface.add(amplitude: share, to: phase, plane: plane, row: row, columns: columns)
        }
        let ramp = PhaseRamp(fittedTo: imaginary, weights: real, spans: spans, lattice: lattice)
        forEachRow { _, phase, plane, row, columns in
            let start = Float(ramp.value(plane: plane, row: row, column: 0))
            let slope = Float(ramp.gradient.z)
            for column in columns { phase[column] -= start + slope * Float(column) }
        }
        let scale = Float(imperfections.strain) / phaseRange
        forEachRow { real, imaginary, _, _, columns in
            for column in columns {
                let (modulus, phase) = (real[column], imaginary[column] * scale)
                real[column] = modulus * cos(phase)
                imaginary[column] = modulus * sin(phase)
            }
        }
    }

    /// Peak-to-valley range of the phase, which lies in `imaginary`, inside the crystal's surface.
    private var phaseRange: Float {
        var (lowest, highest) = (Float.infinity, -Float.infinity)
        for (density, phase) in zip(real, imaginary) where density > 0.5 {
            lowest = min(lowest, phase)
            highest = max(highest, phase)
        }
        return highest > lowest ? highest - lowest : 1
    }
}

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

extension CrystalObject {
    /// Sums the planes, each times its phase, into one image, and hands it out row by row.
    ///
    /// - Parameters:
    ///   - phases: one for each plane.
    ///   - body: takes (row, the row's `lattice.columns` sums, the columns that are not zero).
    func project(phases: [ComplexFloat], _ body: (Int, UnsafePointer<ComplexFloat>, Range<Int>) -> Void) {
        let columns = lattice.columns
        // Sums of real and imaginary parts, apart as the object's, and the row that they make.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * columns) { sums in
            withUnsafeTemporaryAllocation(of: ComplexFloat.self, capacity: columns) { line in
                guard let sum = sums.baseAddress, let start = line.baseAddress else { return }
                for row in 0..<lattice.rows {
                    sums.initialize(repeating: 0)
                    let covered = addPlanes(phases: phases, row: row, real: sum, imaginary: sum + columns)
                    for column in covered { start[column] = ComplexFloat(sum[column], sum[columns &+ column]) }
                    if !covered.isEmpty { body(row, start, covered) }
                }
            }
        }
    }

    /// Adds the same row of all planes; returns the columns touched.
    private func addPlanes(
        phases: [ComplexFloat], row: Int, real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>
    ) -> Range<Int> {
        var covered = 0..<0
        self.real.withUnsafeBufferPointer { realParts in
            self.imaginary.withUnsafeBufferPointer { imaginaryParts in
                for (plane, phase) in phases.enumerated() {
                    let line = plane &* lattice.rows &+ row
                    let span = spans[line]
                    guard !span.isEmpty else { continue }
                    covered =
                        covered.isEmpty
                        ? span : min(covered.lowerBound, span.lowerBound)..<max(covered.upperBound, span.upperBound)
                    let base = line &* lattice.columns
                    for column in span {
                        let (x, y) = (realParts[base &+ column], imaginaryParts[base &+ column])
                        real[column] += phase.real * x - phase.imaginary * y
                        imaginary[column] += phase.real * y + phase.imaginary * x
                    }
                }
            }
        }
        return covered
    }
}
