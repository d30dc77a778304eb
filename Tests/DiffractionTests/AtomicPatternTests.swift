import Foundation
import Testing
import Volume

@testable import Diffraction

@Suite struct AtomicPatternTests {
    private func form(_ family: CrystalFamily) -> Crystal {
        var generator = SeededGenerator(seed: 1)
        return family.crystal(using: &generator)
    }

    /// A scan without noise, blur and distortion.
    private func parameters(_ shape: VolumeShape, oversampling: SIMD3<Double>) -> ScanParameters {
        var parameters = ScanParameters(shape: shape, oversampling: oversampling, brightness: .peak(1), seed: 5)
        (parameters.strain, parameters.background, parameters.blur) = (0, 0, 0)
        return parameters
    }

    /// The largest difference of moduli between a pattern and sums over atoms, in units of the modulus at the peak.
    ///
    /// - Parameter amplitude: the sum at an offset from the peak in pixels.
    private func largestError(
        _ simulation: ScanSimulation, every step: Int, _ amplitude: (SIMD3<Double>) -> (Double, Double)
    ) -> Double {
        let pattern = simulation.volumes().noiseFree
        let (shape, peak) = (pattern.shape, simulation.parameters.peak)
        var moduli: [(Double, Double)] = []
        for index in stride(from: 0, to: shape.count, by: step) + [Int(brightest(pattern))] {
            let place = SIMD3(
                Double(index / shape.frame.count), Double(index / shape.columns % shape.rows),
                Double(index % shape.columns))
            let sum = amplitude(place - peak)
            moduli.append((Double(pattern.storage[index]).squareRoot(), hypot(sum.0, sum.1)))
        }
        let scale = moduli.last?.1 ?? 1
        return moduli.map { abs($0.0 - $0.1 / scale) }.max() ?? 1
    }

    private func brightest(_ pattern: Volume<Float>) -> Int {
        pattern.storage.indices.max { pattern.storage[$0] < pattern.storage[$1] } ?? 0
    }

    @Test(arguments: [(CrystalFamily.wulff, SIMD3(2.0, 3, 3.4)), (.winterbottom, SIMD3(7, 4.1, 4))])
    func patternIsTheSumOverAllAtoms(family: CrystalFamily, oversampling: SIMD3<Double>) {
        var atoms = AtomicCrystal(.platinum, form: form(family), size: 24, interface: family.interface)
        atoms.relax(tolerance: 1e-2)
        let orientation = Rotation(angle: 0.9, axis: SIMD3(1, 2, -0.5))
        var parameters = parameters(VolumeShape(frames: 24, rows: 33, columns: 40), oversampling: oversampling)
        parameters.peak = SIMD3(10.3, 17.6, 19)
        let crystal = atoms.form.rotated(by: orientation)
        let scatterers = Scatterers(atoms, reflection: SIMD3(1, 1, 1), orientation: orientation, crystal: crystal)
        let simulation = ScanSimulation(atoms, orientation: orientation, parameters: parameters)
        let extents = crystal.extents / crystal.extents.max()
        let error = largestError(simulation, every: 29) { offset in
            let wave = 2 * Double.pi * offset / (oversampling * extents)
            return zip(scatterers.positions, scatterers.phases).reduce((0.0, 0.0)) { sum, atom in
                let angle = atom.1 - wave.dot(atom.0)
                return (sum.0 + cos(angle), sum.1 + sin(angle))
            }
        }
        #expect(error < 1e-4)
    }

    @Test func unrelaxedAtomsScatterAroundTheirBraggPeak() {
        // From the sites alone, with whole wave vectors: Q = hkl / a + q.
        let atoms = AtomicCrystal(.gold, form: form(.octahedron), size: 26)
        let orientation = Rotation(angle: -0.4, axis: SIMD3(0, 1, 3))
        let (hkl, oversampling) = (SIMD3<Double>(2, 0, 0), SIMD3(repeating: 3.0))
        let simulation = ScanSimulation(
            atoms, reflection: hkl, orientation: orientation,
            parameters: parameters(VolumeShape(frames: 15, rows: 20, columns: 21), oversampling: oversampling))
        let extents = atoms.form.rotated(by: orientation).extents
        let error = largestError(simulation, every: 13) { offset in
            let wave = offset / (oversampling * extents)
            return atoms.sites.reduce((0.0, 0.0)) { sum, site in
                let angle = 2 * Double.pi * (hkl.dot(site) / 4.079 + wave.dot(orientation(site)))
                return (sum.0 + cos(angle), sum.1 + sin(angle))
            }
        }
        #expect(error < 1e-4)
    }

    @Test func fringesOfPerfectAtomsAreThoseOfTheBody() {
        let oversampling = SIMD3(2.5, 4, 7)
        let atoms = AtomicCrystal(.copper, form: form(.cube), size: 7 * 3.615 + 1.8)
        // Layers from -3.5 to 3.5 cells: 15 of them half a cell apart.
        let width = 15 * 3.615 / 2
        for axis in 0..<3 {
            var parameters = parameters(
                VolumeShape(frames: 1, rows: 1, columns: 401), oversampling: SIMD3(10, 10, 10 * oversampling[axis]))
            parameters.peak = SIMD3(0, 0, 200)
            let line = ScanSimulation(atoms, orientation: .identity, parameters: parameters).frame(0).noiseFree
            let minima = (201..<400).filter { line[$0] < line[$0 - 1] && line[$0] < line[$0 + 1] }
            let period = 10 * oversampling[axis] * atoms.form.extents.z / width
            #expect(minima.count >= 2)
            for (order, minimum) in minima.enumerated() {
                #expect(abs(Double(minimum - 200) - period * Double(order + 1)) <= 1)
            }
        }
    }

    @Test func perfectAtomsScatterAsTheBodyDoes() {
        // The body ends half a layer outside of its outermost atoms.
        let shape = VolumeShape(frames: 17, rows: 30, columns: 30)
        let atoms = AtomicCrystal(.silver, form: form(.cube), size: 40.85 + 2.0425)
        var parameters = parameters(shape, oversampling: SIMD3(repeating: 3))
        parameters.roughness = 0
        parameters.modulusNoise = 0
        let discrete = ScanSimulation(atoms, orientation: .identity, parameters: parameters).volumes().noiseFree
        let body = ScanSimulation(form(.cube), parameters: parameters).volumes().noiseFree
        let worst = zip(discrete.storage, body.storage).map { abs($0.squareRoot() - $1.squareRoot()) }.max() ?? 1
        #expect(worst < 0.01)
    }

    @Test func relaxationLeavesThePeakInItsPlace() {
        let parameters = parameters(VolumeShape(frames: 21, rows: 21, columns: 21), oversampling: SIMD3(repeating: 5))
        let model = AtomicModel(.gold, size: 2.5)
        let pattern = ScanSimulation(.octahedron, atoms: model, parameters: parameters).volumes().noiseFree
        #expect(brightest(pattern) == (10 * 21 + 10) * 21 + 10)
    }
}
