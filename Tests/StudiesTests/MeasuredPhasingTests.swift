import Diffraction
import Inpainting
import Testing
import Volume
import WorkMessages

@testable import Studies

/// A measured scan of which a gap is hidden, and what phase retrieval makes of it.
@Suite struct MeasuredPhasingTests {
    private static func study() -> MeasuredPhasingStudy {
        var study = MeasuredPhasingStudy(methods: [
            StudyMethod("linear", Interpolation(.linear)), StudyMethod("kriging", Kriging()),
        ])
        (study.size, study.widths, study.distances, study.starts) = (40, [3], [4], 2)
        study.schedule = PhasingSchedule([
            .init(.hybridInputOutput(0.9), iterations: 60), .init(.errorReduction, iterations: 20),
        ])
        return study
    }

    /// A scan whose peak is not in its middle; every count was measured but where a pixel is unusable.
    private static func stack(unusable: (row: Int, column: Int)? = nil) -> MeasuredStack {
        var parameters = ScanParameters(
            shape: VolumeShape(frames: 40, rows: 40, columns: 40), oversampling: 4, brightness: .peak(1e6), seed: 3)
        parameters.strain = 0.5
        let crystal = PhasedCrystal(.wulff, parameters: parameters).counts
        var counts = Volume<Float>(shape: VolumeShape(frames: 44, rows: 52, columns: 40), repeating: 1)
        for frame in 0..<40 {
            for row in 0..<40 {
                for column in 0..<40 { counts[frame + 4, row + 6, column] = crystal[frame, row, column] }
            }
        }
        var mask = PixelMask(shape: counts.shape.frame)
        if let unusable {
            mask.mask(rows: unusable.row..<unusable.row + 1, columns: unusable.column..<unusable.column + 1)
        }
        return MeasuredStack(name: "scan", counts: counts, unusable: mask)
    }

    @Test func theReconstructionIsHeldAgainstTheHiddenCounts() throws {
        let scores = try Self.study().scores(Self.stack())
        #expect(
            scores.map(\.treatment) == [
                "no gap", "zero", "free", "free, total variation", "linear", "kriging", "kriging bounds",
                "kriging bounds, kept",
                "kriging where trusted",
            ])
        #expect(!PhasingSchedule.standard.keepingEstimates.stages.contains { $0.leavesEstimatesFree })
        #expect(scores.allSatisfy { $0.gapErrors.count == 2 && $0.agreements.count == 1 })
        let errors = scores.map { $0.gapErrors.reduce(0, +) / 2 }
        // What was measured is met, and what was taken for dark is missed.
        #expect(errors[0] < 0.3 && errors[1] > 2 * errors[0], "\(errors)")
        #expect(scores[0].likenesses[0] > 0.999 && scores.allSatisfy { $0.measuredErrors.allSatisfy { $0 < 0.5 } })
    }

    /// Of three starts the two that tell most count; places of one width are one line of the report.
    @Test func placesAreSummedUp() throws {
        var study = Self.study()
        (study.methods, study.distances, study.starts, study.keptStarts) = ([], [4, 8], 3, 2)
        (study.correctsCoherence, study.background) = (true, 0.1)
        let scores = try study.scores(Self.stack())
        #expect(scores.map(\.distance) == [4, 4, 4, 4, 8, 8, 8, 8])
        #expect(scores.allSatisfy { $0.gapErrors.count == 2 && (0...1.001).contains($0.phaseTransfer) })
        let report = MeasuredPhasingReport(study, source: "scan", scores: scores)
        #expect(report.rows.rows.count == 4 && report.places.rows.count == 8)
        #expect(report.rows.value("places", row: 0) == .integer(2))
    }

    @Test func aPixelThatWasNotMeasuredIsNamed() {
        #expect(throws: StudyError.noWindow(source: "scan", reason: "pixel 30, 12 beside the peak was not measured")) {
            try Self.study().scores(Self.stack(unusable: (30, 12)))
        }
    }
}
