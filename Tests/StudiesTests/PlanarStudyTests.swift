import Foundation
import Inpainting
import PublishedNetworks
import TestSupport
import Testing

@testable import Studies

/// Small patterns and the smallest network, hardly trained.
@Suite struct PlanarStudyTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func study(
        _ subject: PlanarStudy.Subject, steps: Int = 2, resumes: Bool = false, in name: String = "study"
    ) -> PlanarStudy {
        var training = PlanarTraining(directory: "\(directory.path)/\(name)", steps: steps)
        training.extent = 32
        training.resumes = resumes
        var study = PlanarStudy(subject, weights: .trained(training))
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
        let reports = try ["a", "b"].map { try study(.networks([.msdNet]), in: $0).run { _, _, _ in } }
        #expect(rows(reports[0]) == rows(reports[1]))
    }

    @Test func trainingsAreKeptAndGoneOnWith() throws {
        let short = try study(.networks([.msdNet])).run { _, _, _ in }
        #expect(short.trainings.map(\.steps) == [2])
        var steps: [Int] = []
        let long = try study(.networks([.msdNet]), steps: 4, resumes: true).run { stage, done, _ in
            if stage == "train msd-net" { steps.append(done) }
        }
        #expect(steps == [3, 4] && long.trainings.map(\.patterns) == [32])
        let model = try PlanarModel(contentsOf: "\(directory.path)/study/msd-net/msd-net.safetensors")
        var compared = PlanarStudy(.losses(of: .msdNet), weights: .given([model]))
        compared.extent = 32
        compared.patterns = 1
        let again = try compared.run { _, _, _ in }
        #expect(again.trainings.map(\.steps) == [4] && again.trainings.map(\.method) == ["mse+ssim+gradients"])
        #expect(again.figures == ["pcc-against-width.png"])
    }

    @Test func everyQuestionIsAnswered() throws {
        var stages: [String] = []
        let report = try study(.networks([.msdNet])).run { stage, done, total in
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
        let report = try study(.losses(of: .msdNet), steps: 1).run { _, _, _ in }
        #expect(report.trainings.map(\.loss) == ["mse", "mae", "ssim", "mse+ssim+gradients", "mae+ssim+gradients"])
        #expect(report.trainings.allSatisfy { $0.steps == 1 && $0.network == "msd-net" })
        let methods = ["linear", "kriging"] + report.trainings.map(\.loss) + ["oracle"]
        #expect(texts("method", in: report.rows) == (methods + methods).map { .text($0) })
    }
}
