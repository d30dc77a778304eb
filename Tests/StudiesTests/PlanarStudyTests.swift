import Foundation
import Inpainting
import PublishedNetworks
import Testing
import Training

@testable import Studies

/// Small patterns and the smallest network, hardly trained.
@Suite struct PlanarStudyTests {
    private var models: ModelStudy {
        var study = ModelStudy(budget: .steps(2))
        study.networks = [.msdNet]
        study.extent = 32
        study.widths = [3, 6]
        study.patterns = 3
        study.positionPatterns = 2
        study.particles = 2
        study.oversamplings = [2, 4]
        study.step = 8
        return study
    }

    /// The table without what a clock says.
    private func rows(_ report: PlanarReport) -> [[StudyTable.Value]] {
        let clock = report.rows.columns.firstIndex(of: "milliseconds")
        return report.rows.rows.map { row in row.indices.filter { $0 != clock }.map { row[$0] } }
    }

    private func texts(_ column: String, in table: StudyTable) -> [StudyTable.Value] {
        table.rows.indices.compactMap { table.value(column, row: $0) }
    }

    @Test func theSameStepsGiveTheSameFigures() throws {
        let reports = try (0..<2).map { _ in try models.run { _, _, _ in } }
        #expect(rows(reports[0]) == rows(reports[1]))
    }

    @Test func everyQuestionIsAnswered() throws {
        var stages: [String] = []
        let report = try models.run { stage, done, total in
            if done == total { stages.append(stage) }
        }
        #expect(stages == ["train msd-net", "width", "position", "oversampling"])
        let table = report.rows
        let questions = texts("question", in: table)
        // Two widths with four methods; two oversamplings and three positions with three.
        #expect(questions.count { $0 == .text("width") } == 2 * 4)
        #expect(questions.count { $0 == .text("position") } == 3 * 3)
        #expect(questions.count { $0 == .text("oversampling") } == 2 * 3)
        for row in table.rows.indices where table.value("method", row: row) == .text("msd-net") {
            #expect(table.value("parameters", row: row) == .integer(322_458))
            #expect(table.value("training_patterns", row: row) == .integer(16))
        }
        for row in table.rows.indices where table.value("method", row: row) == .text("oracle") {
            #expect(table.value("pcc_noise_free", row: row) == .number(1))
        }
        #expect(
            report.figures
                == ["width", "position", "oversampling"].map { "pcc-against-\($0).png" } + ["training.png"])
        #expect(report.summary.count == 1 + 2)
    }

    @Test func everyLossTrainsTheSameSteps() throws {
        var study = LossStudy(budget: .seconds(0.01))
        study.network = .msdNet
        study.extent = 32
        study.widths = [6]
        study.patterns = 2
        let report = try study.run { _, _, _ in }
        #expect(report.trainings.map(\.loss) == ["mse", "mae", "ssim", "mse+ssim+gradients", "mae+ssim+gradients"])
        #expect(report.trainings.allSatisfy { $0.steps == 1 && $0.network == "msd-net" })
        #expect(
            texts("method", in: report.rows)
                == (["linear"] + report.trainings.map(\.loss) + ["oracle"]).map { .text($0) })
    }
}
