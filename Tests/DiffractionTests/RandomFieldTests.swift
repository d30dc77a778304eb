import Foundation
import Testing

@testable import Diffraction

@Suite struct RandomFieldTests {
    @Test func fieldHasUnitVarianceAndItsCorrelationLength() {
        let lattice = ObjectLattice(extents: SIMD3(1, 0.8, 1), voxelsAcross: SIMD3(4, 4, 30))
        let length = 0.2
        let lag = Int((length / lattice.spacing.z).rounded())
        var (variance, covariance, count) = (0.0, 0.0, 0.0)
        for seed in 0..<150 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let field = RandomField(on: lattice, correlationLength: length, using: &generator)
            var line = [Float](repeating: 0, count: lattice.columns)
            line.withUnsafeMutableBufferPointer {
                guard let start = $0.baseAddress else { return }
                field.add(amplitude: 1, to: start, plane: 3, row: 2, columns: 0..<lattice.columns)
            }
            for column in 0..<lattice.columns - lag {
                variance += Double(line[column] * line[column])
                covariance += Double(line[column] * line[column + lag])
                count += 1
            }
        }
        let distance = Double(lag) * lattice.spacing.z
        #expect(abs(variance / count - 1) < 0.12)
        #expect(abs(covariance / variance - exp(-distance * distance / (2 * length * length))) < 0.12)
    }

    @Test func rampIsFoundWhateverTheShape() {
        let lattice = ObjectLattice(extents: SIMD3(repeating: 1), voxelsAcross: SIMD3(3, 4, 5))
        var generator = SeededGenerator(seed: 2)
        var (phase, weights, spans): ([Float], [Float], [Range<Int>]) = ([], [], [])
        for plane in 0..<lattice.planes {
            for row in 0..<lattice.rows {
                spans.append(row % 3..<lattice.columns - plane % 2)
                for column in 0..<lattice.columns {
                    phase.append(2 + 0.3 * Float(plane) - 0.2 * Float(row) + 0.1 * Float(column))
                    weights.append(Float(generator.uniform()))
                }
            }
        }
        let ramp = PhaseRamp(fittedTo: phase, weights: weights, spans: spans, lattice: lattice)
        #expect((ramp.gradient - SIMD3(0.3, -0.2, 0.1)).length < 1e-6)
        #expect(abs(ramp.value(plane: 1, row: 2, column: 3) - 2.2) < 1e-5)
    }

    @Test func strainHasTheRangeAskedFor() {
        var generator = SeededGenerator(seed: 3)
        let crystal = CrystalFamily.wulff.crystal(using: &generator).normalized
        let lattice = ObjectLattice(extents: crystal.extents, voxelsAcross: SIMD3(repeating: 16))
        let imperfections = CrystalObject.Imperfections(
            strain: 2, strainLength: 0.3, modulusNoise: 0, modulusNoiseLength: 1, relaxation: 0.4,
            relaxationLength: 0.1)
        let object = CrystalObject(crystal: crystal, on: lattice, imperfections: imperfections, using: &generator)
        let phases = zip(object.real, object.imaginary).filter { $0 * $0 + $1 * $1 > 0.25 }.map { atan2($1, $0) }
        #expect(abs((phases.max() ?? 0) - (phases.min() ?? 0) - 2) < 1e-4)
    }
}
