import Diffraction
import Foundation
import Testing
import Volume

@Suite struct ScanSimulationTests {
    /// A scan without any imperfection.
    private func perfect(
        _ shape: VolumeShape, oversampling: SIMD3<Double>, brightness: ScanParameters.Brightness = .peak(1e6)
    ) -> ScanParameters {
        var parameters = ScanParameters(shape: shape, oversampling: oversampling, brightness: brightness)
        (parameters.strain, parameters.modulusNoise, parameters.roughness) = (0, 0, 0)
        (parameters.background, parameters.blur) = (0, 0)
        return parameters
    }

    private func small(seed: UInt64 = 1) -> ScanParameters {
        ScanParameters(
            shape: VolumeShape(frames: 7, rows: 20, columns: 24), oversampling: 3, brightness: .peak(1e4), seed: seed)
    }

    @Test func unstrainedCubeGivesTheAnalyticPattern() {
        let shape = VolumeShape(frames: 13, rows: 26, columns: 31)
        let oversampling = SIMD3(3.5, 4, 5.3)
        var parameters = perfect(shape, oversampling: oversampling)
        parameters.peak = SIMD3(6, 12, 14)
        let pattern = ScanSimulation(.cube, orientation: .identity, parameters: parameters).volumes().noiseFree
        func sinc(_ distance: Double) -> Double {
            distance == 0 ? 1 : sin(Double.pi * distance) / (Double.pi * distance)
        }
        // Differences in units of what is allowed: 1 % of the intensity or a millionth of the peak.
        var largest = 0.0
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    let offset = SIMD3(Double(frame), Double(row), Double(column)) - parameters.peak
                    let turns = offset / oversampling
                    let amplitude = sinc(turns.x) * sinc(turns.y) * sinc(turns.z)
                    let expected = 1e6 * amplitude * amplitude
                    let difference = abs(Double(pattern[frame, row, column]) - expected)
                    largest = max(largest, difference / (0.01 * expected + 1))
                }
            }
        }
        #expect(largest < 1)
    }

    @Test func fractionalPeakAndShearMoveThePattern() {
        let shape = VolumeShape(frames: 5, rows: 32, columns: 32)
        var parameters = perfect(shape, oversampling: SIMD3(repeating: 4))
        parameters.peak = SIMD3(2, 13.3, 17.6)
        parameters.rowsPerFrame = 1.5
        let pattern = ScanSimulation(.cube, orientation: .identity, parameters: parameters).volumes().noiseFree
        func centre(frame: Int) -> (row: Double, column: Double) {
            var (sum, rows, columns) = (0.0, 0.0, 0.0)
            for row in 0..<shape.rows {
                for column in 0..<shape.columns {
                    // The central fringe only: the tails are cut unevenly by the border.
                    let offset = Double(row) - 13.3 - 1.5 * (Double(frame) - 2)
                    guard abs(offset) < 4, abs(Double(column) - 17.6) < 4 else { continue }
                    let value = Double(pattern[frame, row, column])
                    sum += value
                    rows += value * Double(row)
                    columns += value * Double(column)
                }
            }
            return (rows / sum, columns / sum)
        }
        for frame in 0..<shape.frames {
            #expect(abs(centre(frame: frame).row - 13.3 - 1.5 * Double(frame - 2)) < 0.05)
            #expect(abs(centre(frame: frame).column - 17.6) < 0.05)
        }
    }

    @Test(arguments: [CrystalFamily.winterbottom, .random])
    func unstrainedCrystalsObeyFriedelsLaw(family: CrystalFamily) {
        let shape = VolumeShape(frames: 9, rows: 17, columns: 19)
        var parameters = perfect(shape, oversampling: SIMD3(repeating: 3))
        parameters.modulusNoise = 0.1
        let pattern = ScanSimulation(family, parameters: parameters).volumes().noiseFree.storage
        #expect(zip(pattern, pattern.reversed()).allSatisfy { abs($0 - $1) < 1e-4 * $0 + 0.5 })
    }

    @Test func strainBreaksFriedelsLaw() {
        var parameters = perfect(VolumeShape(frames: 9, rows: 17, columns: 19), oversampling: SIMD3(repeating: 3))
        parameters.strain = 3
        let pattern = ScanSimulation(.cube, parameters: parameters).volumes().noiseFree.storage
        #expect(zip(pattern, pattern.reversed()).contains { abs($0 - $1) > 0.1 * $0 + 1000 })
    }

    @Test(arguments: [SIMD3(3.0, 4, 5), SIMD3(5, 2.5, 3.5)])
    func fringesAreAsFarApartAsAskedFor(oversampling: SIMD3<Double>) {
        // Ten times finer than pixels, so that the minima can be read off.
        let shape = VolumeShape(frames: 1, rows: 1, columns: 401)
        for axis in 0..<3 {
            var parameters = perfect(shape, oversampling: SIMD3(10, 10, 10 * oversampling[axis]))
            parameters.peak = SIMD3(0, 0, 200)
            let line = ScanSimulation(.cube, orientation: .identity, parameters: parameters).frame(0).noiseFree
            let minima = (201..<400).filter { line[$0] < line[$0 - 1] && line[$0] < line[$0 + 1] }
            for (order, minimum) in minima.enumerated() {
                #expect(abs(Double(minimum - 200) - 10 * oversampling[axis] * Double(order + 1)) <= 1)
            }
            #expect(minima.count >= 3)
        }
    }

    @Test func peakAndTotalAreAsAskedFor() {
        var parameters = small()
        parameters.background = 0
        for strain in [0, 1.5, 6] {
            parameters.strain = strain
            let peak = ScanSimulation(.wulff, parameters: parameters).volumes()
            #expect(abs((peak.noiseFree.storage.max() ?? 0) - 1e4) < 1)
        }
        parameters.brightness = .total(5e5)
        let volumes = ScanSimulation(.wulff, parameters: parameters).volumes()
        let expected = volumes.noiseFree.storage.reduce(0) { $0 + Double($1) }
        #expect(abs(expected - 5e5) < 10)
        let counted = volumes.counts.storage.reduce(0) { $0 + Double($1) }
        #expect(abs(counted - 5e5) < 5 * 5e5.squareRoot())
    }

    @Test func seedDecidesEverything() {
        let first = ScanSimulation(.random, parameters: small()).volumes()
        let again = ScanSimulation(.random, parameters: small()).volumes()
        let other = ScanSimulation(.random, parameters: small(seed: 2)).volumes()
        #expect(first.noiseFree == again.noiseFree)
        #expect(first.counts == again.counts)
        #expect(first.noiseFree != other.noiseFree)
        #expect(first.counts != other.counts)
    }

    @Test func framesAreTheVolumesInWhateverOrder() {
        let simulation = ScanSimulation(.wulff, parameters: small())
        let whole = simulation.volumes()
        for index in (0..<7).reversed() {
            let frame = simulation.frame(index)
            let range = whole.counts.range(ofFrame: index)
            #expect(frame.counts == Array(whole.counts.storage[range]))
            #expect(frame.noiseFree == Array(whole.noiseFree.storage[range]))
        }
        #expect(simulation.frames(2..<5) == [2, 3, 4].map(simulation.frame))
    }

    @Test func patternDoesNotDependOnTheArrayAroundIt() {
        // A larger array is computed on a finer lattice; what it shows in the middle must be the same.
        let (inner, outer) = (
            VolumeShape(frames: 5, rows: 24, columns: 20), VolumeShape(frames: 9, rows: 80, columns: 64)
        )
        func pattern(_ shape: VolumeShape) -> Volume<Float> {
            var parameters = ScanParameters(shape: shape, oversampling: 4, brightness: .peak(1e6), seed: 11)
            (parameters.strain, parameters.blur) = (2, 0)
            return ScanSimulation(.winterbottom, parameters: parameters).volumes().noiseFree
        }
        let (small, large) = (pattern(inner), pattern(outer))
        var (difference, intensity): (Float, Float) = (0, 0)
        for frame in 0..<5 {
            for row in 0..<24 {
                for column in 0..<20 {
                    let (left, right) = (small[frame, row, column], large[frame + 2, row + 28, column + 22])
                    let step = left.squareRoot() - right.squareRoot()
                    difference += step * step
                    intensity += right
                }
            }
        }
        // The R factor of crystallography: amplitudes agree to 1 %.
        #expect((difference / intensity).squareRoot() < 0.01)
    }

    @Test func strainLeavesThePeakInItsPlace() {
        var parameters = small(seed: 5)
        (parameters.strain, parameters.background) = (4, 0)
        parameters.shape = VolumeShape(frames: 25, rows: 30, columns: 30)
        parameters.peak = SIMD3(12, 14, 16)
        let pattern = ScanSimulation(.wulff, parameters: parameters).volumes().noiseFree
        var (sum, moment) = (0.0, SIMD3<Double>.zero)
        for (index, value) in pattern.storage.enumerated() {
            let position = SIMD3(Double(index / 900), Double(index / 30 % 30), Double(index % 30))
            sum += Double(value)
            moment += Double(value) * position
        }
        let shift = moment / sum - parameters.peak
        #expect((shift * shift).max() < 0.25)
    }

    @Test func farFromThePeakThereIsBackgroundOnly() {
        var parameters = ScanParameters(shape: VolumeShape(frames: 1, rows: 1200, columns: 6), oversampling: 3, seed: 1)
        parameters.roughness = 0
        parameters.brightness = .peak(1e9)
        let frame = ScanSimulation(.wulff, parameters: parameters).frame(0)
        #expect(frame.noiseFree[0..<90 * 6].allSatisfy { $0 == 0.02 })
        // No edge where the window ends: the tails are gone before.
        let rows = (0..<600).map { row in (0..<6).reduce(0) { $0 + Double(frame.noiseFree[row * 6 + $1]) } }
        #expect(zip(rows, rows.dropFirst()).prefix(130).allSatisfy { abs($0 - $1) < 0.02 })
        #expect((frame.noiseFree.max() ?? 0) > 0.99e9)
    }

    @Test func blurLowersTheVisibilityOfFringes() {
        func contrast(blur: Double) -> Float {
            var parameters = perfect(VolumeShape(frames: 1, rows: 1, columns: 41), oversampling: SIMD3(repeating: 5))
            parameters.blur = blur
            let line = ScanSimulation(.cube, orientation: .identity, parameters: parameters).frame(0).noiseFree
            return line[25] / line[28]
        }
        #expect(contrast(blur: 0) < 0.001)
        #expect(contrast(blur: 1) > 0.1)
    }
}
