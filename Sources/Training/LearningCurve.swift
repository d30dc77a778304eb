internal import Foundation

/// The scores of a training as it goes on, one line for each gap width in a CSV file.
struct LearningCurve {
    let path: String

    func begin() throws {
        let titles = "step,hours,error,width,windows,network,kriging,oracle,within_1_sigma,within_2_sigma\n"
        try Data(titles.utf8).write(to: URL(filePath: path))
    }

    func add(_ scores: [Validation.Score], step: Int, seconds: Double, error: Double) throws {
        let lines = scores.map { score in
            String(
                format: "%d,%.3f,%.5f,%d,%d,%.4f,%.4f,%.4f,%.3f,%.3f\n", step, seconds / 3600, error, score.width,
                score.windows, score.network, score.kriging, score.oracle, score.within1, score.within2)
        }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(lines.joined().utf8))
    }
}
