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
        /// Shares of the voxels within one and two standard deviations.
        public var within1: Double
        public var within2: Double
    }

    private struct Window: Sendable {
        var example: GapExample
        /// log(1+I) as measured, in the order of the gap's voxels.
        var measured: [Float]
    }

    private let windows: [(width: Int, windows: [Window])]

    /// Patches of this seed train no network.
    private static let seed: UInt64 = 0x5641_4C49_4441_5445

    init(_ recipe: TrainingRecipe, kriging: Kriging) {
        let stream = PatchStream(recipe: recipe.patches(seed: recipe.seed ^ Self.seed))
        windows = recipe.validation.widths.enumerated().map { place, width in
            let shape = Self.shape(width)
            let first = place * recipe.validation.windows
            let windows = concurrentMap(first..<first + recipe.validation.windows) { index in
                let start = (shape.columns - width) / 2
                let patch = stream.patch(
                    index, shape: shape, gap: .band(width: width, axis: .columns, start: start))
                return Window(example: GapExample(patch, kriging: kriging), measured: patch.gapLogs)
            }
            return (width, windows)
        }
    }

    /// Extents of a window around a gap.
    private static func shape(_ width: Int) -> VolumeShape {
        width <= 14
            ? VolumeShape(frames: 32, rows: 32, columns: 32) : VolumeShape(frames: 32, rows: 32, columns: 96)
    }

    /// The scores of some weights.
    func scores(_ graph: NetworkGraph, _ parameters: ParameterSet, precision: Precision) throws -> [Score] {
        var plans: [VolumeShape: NetworkPlan] = [:]
        return try windows.map { width, windows in
            let shape = Self.shape(width)
            let plan =
                try plans[shape]
                ?? NetworkPlan(
                    graph, batch: 1, extents: Extent3(shape), precision: precision)
            if plans[shape] == nil { plan.load(parameters) }
            plans[shape] = plan
            var sum = Score(width: width, windows: 0, network: 0, kriging: 0, oracle: 0, within1: 0, within2: 0)
            var voxels = (all: 0, within1: 0, within2: 0)
            for window in windows {
                var (network, kriging, oracle) = (Correlation(), Correlation(), Correlation())
                plan.setInput([window.example])
                plan.forward()
                plan.withOutput { answer in
                    for (voxel, measured) in zip(window.example.gap, window.measured) {
                        let correction = Correction(
                            UnsafeBufferPointer(
                                rebasing: answer[(Int(voxel.position) * GapNetwork.outputChannels)...]))
                        let mean = correction.mean(
                            kriged: voxel.kriged, background: voxel.background, deviation: voxel.deviation)
                        let deviation = correction.deviation(kriged: voxel.deviation)
                        network.add(Double(mean), Double(measured))
                        kriging.add(Double(voxel.kriged), Double(measured))
                        oracle.add(Double(voxel.target), Double(measured))
                        voxels.all += 1
                        if abs(mean - measured) < deviation { voxels.within1 += 1 }
                        if abs(mean - measured) < 2 * deviation { voxels.within2 += 1 }
                    }
                }
                guard let mine = network.pearson, let kriged = kriging.pearson, let limit = oracle.pearson else {
                    continue
                }
                sum.windows += 1
                sum.network += mine
                sum.kriging += kriged
                sum.oracle += limit
            }
            let count = Double(max(1, sum.windows))
            sum.network /= count
            sum.kriging /= count
            sum.oracle /= count
            sum.within1 = Double(voxels.within1) / Double(max(1, voxels.all))
            sum.within2 = Double(voxels.within2) / Double(max(1, voxels.all))
            return sum
        }
    }
}
