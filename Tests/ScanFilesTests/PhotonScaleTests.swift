import Foundation
import Testing
import Volume

@testable import ScanFiles

/// What a photon counts as in values that were treated in the ways that people treat them.
@Suite struct PhotonScaleTests {
    private static let shape = FrameShape(rows: 96, columns: 96)

    /// Photons of a peak of Lorentzian shape over a dim background, changed value by value.
    private func examine(
        peak: Double = 3000, background: Double = 0.05,
        change: (_ frame: Int, _ photons: Int, _ noise: () -> Double) -> Double
    ) -> PhotonScaleExamination {
        var examination = PhotonScaleExamination(mask: PixelMask(shape: Self.shape))
        var generator = Noise()
        for frame in 0..<5 {
            let voxels = (0..<Self.shape.count).map { pixel -> Float in
                let (row, column) = (Double(pixel / 96) - 48, Double(pixel % 96) - 48)
                let distance = (row * row + column * column) / 30 + Double((frame - 2) * (frame - 2))
                let photons = generator.poisson(peak / (1 + distance * distance) + background)
                return Float(change(frame, photons) { generator.normal() })
            }
            var decoded = DecodedFrames<Float>()
            decoded.frames = frame..<frame + 1
            decoded.frameShape = Self.shape
            decoded.invalid = [Bool](repeating: false, count: voxels.count)
            decoded.voxels = voxels
            examination.add(decoded)
        }
        return examination
    }

    /// Numbers by chance that are the same on every machine.
    private struct Noise {
        var state: UInt64 = 7
        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
        }
        mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }
        mutating func poisson(_ mean: Double) -> Int {
            if mean > 50 { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
            var (count, product) = (0, uniform())
            while product > exp(-mean) {
                count += 1
                product *= uniform()
            }
            return count
        }
    }

    @Test(arguments: [0.005, 0.05, 1, 8]) func countsAreCounts(background: Double) {
        #expect(examine(background: background) { _, photons, _ in Double(photons) }.finding == .counts)
        // A monitor that hardly moves, in a float.
        #expect(examine(background: background) { _, photons, _ in Double(photons) * 1.004 }.finding == .counts)
    }

    /// Frames that were each divided by a monitor of their own.
    @Test(arguments: [1.2, 2, 4]) func aMonitorThatDriftsIsTold(factor: Double) throws {
        let monitor = { (frame: Int) in pow(factor, Double(frame) / 4 - 0.5) }
        let drift = try #require(examine { frame, photons, _ in Double(photons) / monitor(frame) }.drift)
        #expect(abs(drift.upperBound / drift.lowerBound / factor - 1) < 0.01)
        #expect(examine { _, photons, _ in Double(photons) * 1.37 }.drift == nil)
        #expect(examine { frame, photons, _ in (1000 * Double(photons) / monitor(frame)).rounded() }.drift == nil)
    }

    /// Where no frame is dim enough to show single photons, the scatter of each tells.
    @Test func aMonitorThatDriftsIsToldOfBrightFramesToo() throws {
        let monitor = { (frame: Int) in pow(2, Double(frame) / 4 - 0.5) }
        let drift = try #require(
            examine(background: 60) { frame, photons, _ in Double(photons) / monitor(frame) }.drift)
        #expect((1.6...2.5).contains(drift.upperBound / drift.lowerBound), "\(drift)")
        #expect(examine(background: 60) { _, photons, _ in Double(photons) * 1.37 }.drift == nil)
    }

    @Test(arguments: [8.05, 0.0123, 3.7e-6, 400]) func aFactorIsFoundByTheSpacing(photon: Double) throws {
        let found = examine { _, photons, _ in Double(photons) * photon }.finding
        guard case .scaled(let scale, let evidence) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(abs(scale.photon / photon - 1) < 0.01 && scale.readoutNoise == 0)
        #expect(evidence.contains(photon == photon.rounded() ? "multiples" : "spacing"))
    }

    @Test func aMonitorThatDriftsGivesItsMedian() throws {
        let found = examine { frame, photons, _ in Double(photons) * (2 + 0.02 * Double(frame)) }.finding
        guard case .scaled(let scale, _) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(abs(scale.photon / 2.04 - 1) < 0.02)
    }

    /// An integrating detector: photons of some energy with noise around zero, rounded or not.
    @Test(arguments: [(1, 0.15), (1, 0.3), (8.05, 1), (12_400, 1500)])
    func readoutNoiseAndEnergyAreToldApart(photon: Double, noise: Double) throws {
        for isWhole in [false, photon > 1] {
            let found = examine(background: 0.3) { _, photons, normal in
                let value = Double(photons) * photon + noise * normal()
                return isWhole ? value.rounded() : value
            }.finding
            guard case .scaled(let scale, _) = found else {
                Issue.record("\(found)")
                continue
            }
            #expect((0.75...1.3).contains(scale.photon / photon), "\(scale)")
            #expect(abs(scale.readoutNoise / noise - 1) < 0.15, "\(scale)")
            #expect((0.8...1.2).contains(scale.uncertainty(100 * photon) / Float(10 * photon)))
            #expect(scale.uncertainty(Float(-0.1)) > 0)
        }
    }

    @Test func whatNoSingleValueExplainsIsSaid() {
        let found = examine { _, photons, _ in log10(1 + Double(photons)) + 0.001 }.finding
        #expect(found != .counts)
        // Too little light to tell.
        #expect(examine(peak: 0.01, background: 0.0001) { _, photons, _ in Double(photons) * 0.3 }.finding == .unclear)
    }

    @Test func wholeNumbersThatScatterTooMuchAreSuspicious() throws {
        let found = examine { _, photons, _ in (Double(photons) * 3.4).rounded() }.finding
        guard case .suspicious(let photon) = found else {
            Issue.record("\(found)")
            return
        }
        #expect((2.9...3.9).contains(photon))
    }
}
