internal import Diffraction
internal import Foundation
internal import Inpainting
internal import NeuralNetwork
internal import Volume

/// Scores a network on patches that it never trains on: Pearson correlations in the gap, beside kriging and the limit.
public struct Validation {
    /// One gap width's score: means over the windows of the correlation of log(1+I) with what was measured.
    public struct Score: Codable, Sendable {
        public var width: Int
        public var windows: Int
        public var network: Double
        public var kriging: Double
        /// That of the expected counts, which photon noise alone keeps from 1.
        public var oracle: Double
        /// Shares of the voxels within one and two standard deviations; `nil` where the network states none.
        public var within1: Double?
        public var within2: Double?
    }

    fileprivate struct Window: Sendable {
        var example: any TrainingExample
        /// log(1+I) as measured, in the order of the gap's voxels.
        var measured: [Float]
        /// Correlations of kriging and of the expected counts.
        var kriging: Double
        var oracle: Double
    }

    private let task: any NetworkTask
    private let windows: [(width: Int, windows: [Window])]

    /// Patches of this seed train no network.
    private static let seed: UInt64 = 0x5641_4C49_4441_5445

    init(_ recipe: TrainingRecipe, task: any NetworkTask) {
        self.task = task
        let kriging = Kriging()
        let source = recipe.source(seed: recipe.seed ^ Self.seed)
        windows = recipe.validation.widths.enumerated().map { place, width in
            let shape = task.window(width: width)
            let first = place * recipe.validation.windows
            let windows = concurrentMap(first..<first + recipe.validation.windows) { index in
                let start = (shape.columns - width) / 2
                let patch = source.patch(
                    index, shape: shape, gap: .band(width: width, axis: .columns, start: start))
                return Window(patch, task: task, kriging: kriging)
            }
            return (width, windows.compactMap { $0 })
        }
    }

    /// The scores of some weights.
    func scores(_ graph: NetworkGraph, _ parameters: ParameterSet, precision: Precision) throws -> [Score] {
        var plans: [VolumeShape: NetworkPlan] = [:]
        return try windows.map { width, windows in
            let shape = task.window(width: width)
            let plan =
                try plans[shape]
                ?? NetworkPlan(
                    graph, batch: 1, extents: Extent3(shape), precision: precision)
            if plans[shape] == nil { plan.load(parameters) }
            plans[shape] = plan
            var network = 0.0
            var stated = (all: 0, within1: 0, within2: 0)
            for window in windows {
                plan.setInput([window.example.features])
                plan.forward()
                let estimates = plan.withOutput(0, window.example.estimates)
                network += Correlation(zip(estimates.map(\.mean), window.measured)).pearson ?? 0
                for (estimate, measured) in zip(estimates, window.measured) {
                    guard let deviation = estimate.deviation else { continue }
                    stated.all += 1
                    if abs(estimate.mean - measured) < deviation { stated.within1 += 1 }
                    if abs(estimate.mean - measured) < 2 * deviation { stated.within2 += 1 }
                }
            }
            let count = Double(max(1, windows.count))
            func share(_ voxels: Int) -> Double? { stated.all > 0 ? Double(voxels) / Double(stated.all) : nil }
            return Score(
                width: width, windows: windows.count, network: network / count,
                kriging: windows.reduce(0) { $0 + $1.kriging } / count,
                oracle: windows.reduce(0) { $0 + $1.oracle } / count, within1: share(stated.within1),
                within2: share(stated.within2))
        }
    }
}

extension Validation.Window {
    /// `nil` where the gap holds nothing that varies.
    fileprivate init?(_ patch: TrainingPatch, task: any NetworkTask, kriging: Kriging) {
        let gap = patch.gap
        let measured = gap.map { log1p(patch.counts.storage[$0]) }
        let kriged = kriging.estimate(counts: patch.counts, mask: patch.mask).mean
        let expected = gap.map { PhotonNoise.moments(expectation: patch.expected.storage[$0]).mean }
        guard let kriging = Correlation(zip(gap.map { kriged.storage[$0] }, measured)).pearson,
            let oracle = Correlation(zip(expected, measured)).pearson
        else { return nil }
        self.init(
            example: task.example(patch, seen: patch.counts.shape), measured: measured, kriging: kriging, oracle: oracle
        )
    }
}

extension Correlation {
    fileprivate init(_ pairs: some Sequence<(Float, Float)>) {
        self.init()
        for (x, y) in pairs { add(Double(x), Double(y)) }
    }
}

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
