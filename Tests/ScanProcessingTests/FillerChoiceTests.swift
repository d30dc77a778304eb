import Foundation
import Testing
import Volume
import WorkMessages

@testable import Inpainting
@testable import ScanProcessing

@Suite struct FillerChoiceTests {
    /// What is learnt from fringes with a gap of six columns.
    private static let samples: ScanSamples = {
        let shape = VolumeShape(frames: 16, rows: 48, columns: 192)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 93..<99)
        let counts = (0..<shape.count).map { voxel in
            let (frame, pixel) = voxel.quotientAndRemainder(dividingBy: shape.frame.count)
            let (row, column) = pixel.quotientAndRemainder(dividingBy: shape.columns)
            let phase = 0.7 * Float(column) + 0.3 * Float(row) + 0.2 * Float(frame)
            return (200 * exp(sin(phase) - 1) + Float(voxel * 7919 % 5)).rounded()
        }
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        let block = FrameBlock(
            data: Volume(shape: shape, storage: counts), plans: [GapPlan](repeating: plan, count: shape.frames))
        var survey = SampleSurvey(mask: mask, shape: shape, maximumWidth: 44, mirrors: false, trains: true)
        survey.add(block, firstFrame: 0)
        var collector = survey.collector
        collector.add(block, firstFrame: 0)
        return collector.samples
    }()

    private func choice(_ fineTune: FineTune, windows: Double, misfit: Double = 0) -> FillerChoice {
        let all = Self.samples
        let samples = ScanSamples(check: all.check, mirror: nil, training: all.training, windows: windows)
        let network = FakeNetwork(fault: .severe, faultAfterTraining: FakeNetwork.Fault.none)
        var choice = FillerChoice(network.filler(quality: .standard), by: samples.check) { _ in }
        var settings = ProcessingSettings()
        (settings.fineTune, settings.fineTuneAboveMisfit) = (fineTune, misfit)
        choice.fineTune(on: samples, gapWidths: [6], settings: settings) { _ in }
        return choice
    }

    @Test func autoLearnsWhereFillingTakesLong() {
        #expect(choice(.auto, windows: 1000).isFineTuned)
        #expect(!choice(.auto, windows: 1000, misfit: 1e9).isFineTuned)
    }

    @Test func autoSaysWhyItDoesNotLearn() {
        let choice = choice(.auto, windows: 100)
        #expect(!choice.isFineTuned && choice.secondsOfFineTuning == 0)
        #expect(choice.remarks.contains { $0.contains("more than twice the time of filling") })
        #expect(self.choice(.always, windows: 100).isFineTuned)
    }

    @Test func theStepsThatAScanAffordsGrowWithItsGaps() {
        let steps = [0.0, 300, 600, 1200].map { windows in
            ScanSamples(check: Self.samples.check, mirror: nil, training: [], windows: windows).affordableSteps
        }
        #expect(steps[0] == 0 && steps[1] < FineTuneTrial.fewestSteps && steps[2] > FineTuneTrial.fewestSteps)
        #expect(steps[3] > FineTuneTrial.usualSteps)
    }
}
