internal import Foundation

/// The scores of a training as it goes on, one line for each gap width in a CSV file.
public struct LearningCurve: Sendable {
    let path: String

    /// One line of the file.
    public struct Entry: Sendable, Equatable {
        public var step: Int
        public var width: Int
        public var network: Double
        public var kriging: Double
        public var oracle: Double
    }

    /// Everything that was scored so far.
    public func entries() throws -> [Entry] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ",").map { Double($0) }
            guard fields.count == 10, let step = fields[0], let width = fields[3], let network = fields[5],
                let kriging = fields[6], let oracle = fields[7]
            else { return nil }
            return Entry(
                step: Int(step), width: Int(width), network: network, kriging: kriging, oracle: oracle)
        }
    }

    func begin() throws {
        let titles = "step,hours,error,width,windows,network,kriging,oracle,within_1_sigma,within_2_sigma\n"
        try Data(titles.utf8).write(to: URL(filePath: path))
    }

    func add(_ scores: [Validation.Score], step: Int, seconds: Double, error: Double) throws {
        let lines = scores.map { score in
            String(
                format: "%d,%.3f,%.5f,%d,%d,%.4f,%.4f,%.4f,%.3f,%.3f\n", step, seconds / 3600, error, score.width,
                score.windows, score.network, score.kriging, score.oracle, score.within1 ?? .nan, score.within2 ?? .nan)
        }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(lines.joined().utf8))
    }
}
