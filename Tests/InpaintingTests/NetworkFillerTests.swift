import Detectors
import Diffraction
import Foundation
import NeuralNetwork
import Testing
import Volume
import WorkMessages

@testable import Inpainting

@Suite struct NetworkFillerTests {
    private static let network = GapNetwork(channels: [16, 16, 16], blocks: [0, 0, 1])

    private static func model(seed: UInt64 = 1) -> GapModel {
        GapModel(
            name: "test", network: network, parameters: network.initialParameters(seed: seed), facts: ["steps": "0"])
    }

    /// A model that changes what it is told, if not for the better.
    private static func livelyModel() -> GapModel {
        var model = model()
        var generator = SeededGenerator(seed: 5)
        model.parameters.withValues { values in
            for index in values.indices { values[index] += 0.02 * Float(generator.normal()) }
        }
        return model
    }

    private static func block(
        _ shape: VolumeShape = VolumeShape(frames: 20, rows: 37, columns: 41), hide: (inout PixelMask) -> Void
    ) -> FrameBlock {
        var parameters = ScanParameters(shape: shape, oversampling: 4, brightness: .peak(1e5), seed: 3)
        parameters.strain = 0.5
        let counts = ScanSimulation(.wulff, parameters: parameters).volumes().counts
        var mask = PixelMask(shape: shape.frame)
        hide(&mask)
        let plan = GapPlan(mask: mask, maximumWidth: 44)
        return FrameBlock(
            data: Volume(shape: shape, storage: counts.storage.map { Float($0) }),
            plans: [GapPlan](repeating: plan, count: shape.frames))
    }

    @Test func anUntrainedNetworkLeavesKrigingAsItIs() {
        var kriged = Self.block { $0.mask(columns: 18..<24) }
        var filled = kriged
        Kriging().fill(&kriged)
        NetworkFiller(model: Self.model()).fill(&filled)
        // Its uncertainty is a little larger, and the intensities with it.
        let difference = zip(filled.data.storage, kriged.data.storage).map { abs(log1p($0) - log1p($1)) }.max() ?? 0
        #expect(difference < 0.05)
    }

    @Test(arguments: [FillQuality.fast, .standard, .best])
    func onlyGapVoxelsChange(quality: FillQuality) {
        let block = Self.block {
            $0.mask(columns: 18..<24)
            $0.mask(rows: 10..<13)
            $0[30, 3] = true
        }
        var filled = block
        NetworkFiller(model: Self.livelyModel(), quality: quality).fill(&filled)
        for (index, (before, after)) in zip(block.data.storage, filled.data.storage).enumerated() {
            #expect(after.isFinite && after >= 0)
            if !block.plans[0].mask.storage[index % block.data.shape.frame.count] { #expect(before == after) }
        }
        #expect(filled.errors != nil)
    }

    @Test func theSameBlockGivesTheSameBytes() {
        let block = Self.block { $0.mask(columns: 18..<24) }
        var (first, second) = (block, block)
        NetworkFiller(model: Self.livelyModel()).fill(&first)
        NetworkFiller(model: Self.livelyModel()).fill(&second)
        #expect(first.data == second.data)
    }

    @Test func aMeanOverMirrorImagesDoesNotDependOnTheSide() {
        let block = Self.block(VolumeShape(frames: 16, rows: 32, columns: 32)) { $0.mask(columns: 13..<19) }
        var mirrored = block
        mirrored.data = block.data.turned(rows: false, columns: true)
        let filler = NetworkFiller(model: Self.livelyModel(), quality: .best)
        var filled = block
        filler.fill(&filled)
        filler.fill(&mirrored)
        for (one, other) in zip(filled.data.storage, mirrored.data.turned(rows: false, columns: true).storage) {
            #expect(abs(one - other) <= 0.05 * (1 + one))
        }
    }

    @Test func aModelComesBackFromItsFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = Self.livelyModel()
        try model.write(to: path)
        let read = try GapModel(contentsOf: path)
        #expect(read.name == "test" && read.network == Self.network && read.facts == ["steps": "0"])
        for (one, other) in zip(read.parameters.values, model.parameters.values) {
            #expect(abs(one - other) <= 1e-3 * abs(other) + 1e-6)
        }
    }

    /// The scale on which a correction is stated is the one that the network was told, whatever uncertainty is stated.
    @Test(arguments: [(32, 32), (48, 48), (48, 78)])
    func aCorrectionIsAppliedWhole(extent: Int, across: Int) {
        let shape = VolumeShape(frames: extent, rows: extent, columns: across)
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: across / 2..<across / 2 + 3)
        let empty = Volume<Float>(shape: shape, repeating: 1)
        var estimate = TileEstimate(
            mean: empty, deviation: Volume(shape: shape, repeating: 3), scale: empty, background: empty, signalShare: 1)
        let answer = [Float](repeating: 0.5, count: shape.count * GapNetwork.outputChannels)
        answer.withUnsafeBufferPointer {
            estimate.correct(
                masks: [PixelMask](repeating: mask, count: extent), by: $0, box: shape.box, extents: shape)
        }
        // The answer shifts by half a unit, which is 1.1 at a deviation of 1.
        #expect(abs(estimate.mean[0, 0, across / 2] - 1.55) < 1e-5)
        #expect(abs(estimate.deviation[0, 0, across / 2] - 1.1 * exp(0.5)) < 1e-5)
        #expect(estimate.mean[0, 0, 0] == 1)
    }

    @Test func weightsOfOtherProgramsAreRefused() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SafeTensors(tensors: ["w": .init(shape: [1], values: [0])], metadata: ["format": "pt"]).write(path: path)
        let error = #expect(throws: ModelError.self) { try GapModel(contentsOf: path) }
        #expect(error?.description.contains(path) == true && error?.description.contains("pt") == true)
    }

    @Test func fineTuningLearnsTheScan() throws {
        let shape = VolumeShape(frames: 40, rows: 48, columns: 48)
        let part = Self.part(Self.block(shape) { _ in }.data)
        let tuned = try NetworkFiller(model: Self.model()).tuned(on: [part], steps: 6)
        let filler = try #require(tuned)
        #expect(filler.model.parameters != Self.model().parameters)
        // Twice the same.
        let again = try NetworkFiller(model: Self.model()).tuned(on: [part], steps: 6)
        #expect(again?.model.parameters == filler.model.parameters)
    }

    @Test func fineTuningStopsHalfWayWhereItIsOfNoUse() throws {
        let part = Self.part(Self.block(VolumeShape(frames: 16, rows: 32, columns: 32)) { _ in }.data)
        var (done, halfWay): (Int, NetworkFiller?) = (0, nil)
        let tuned = try NetworkFiller(model: Self.model()).fineTuned(on: [part], gapWidths: [6], steps: 6) {
            halfWay = $0 as? NetworkFiller
            return false
        } progress: { made, _ in
            done = made
        }
        #expect(done == 3)
        let parameters = try #require(halfWay).model.parameters
        #expect((tuned as? NetworkFiller)?.model.parameters == parameters && parameters != Self.model().parameters)
    }

    /// A dead pixel may hold anything: nothing is learnt of it or from it.
    @Test func deadPixelsTeachNothing() throws {
        let counts = Self.block(VolumeShape(frames: 16, rows: 32, columns: 32)) { _ in }.data
        var mask = PixelMask(shape: counts.shape.frame)
        mask[15, 14] = true
        let learnt = try [Float(0), 1e6].map { value in
            var counts = counts
            for frame in 0..<counts.shape.frames { counts[frame, 15, 14] = value }
            let part = GapFreePart(box: counts.shape.box, counts: counts, mask: mask)
            return try NetworkFiller(model: Self.model()).tuned(on: [part], steps: 4)?.model.parameters
        }
        #expect(learnt[0] == learnt[1] && learnt[0] != nil)
    }

    /// What is learnt makes the fill of the very scan better: the way goes down, not up.
    @Test func fineTuningMakesTheFillOfTheScanBetter() throws {
        let shape = VolumeShape(frames: 40, rows: 48, columns: 48)
        let truth = Self.block(shape) { _ in }.data
        let start = NetworkFiller(model: Self.livelyModel())
        let tuned = try #require(
            try start.tuned(on: [Self.part(truth)], steps: 25))
        func error(_ filler: NetworkFiller) -> Double {
            var block = Self.block(shape) { $0.mask(columns: 20..<26) }
            filler.fill(&block)
            return zip(block.data.storage, truth.storage).reduce(0) {
                $0 + pow(Double(log1p($1.0) - log1p($1.1)), 2)
            }
        }
        let (before, after) = (error(start), error(tuned))
        #expect(after < 0.97 * before, "\(before) before, \(after) after")
    }

    @Test func nothingIsLearntWhereNoGapFits() throws {
        let filler = NetworkFiller(model: Self.model())
        let short = Self.part(Volume(shape: VolumeShape(frames: 8, rows: 48, columns: 48), repeating: 1))
        #expect(try filler.tuned(on: [short], steps: 1) == nil)
        let narrow = Self.part(Volume(shape: VolumeShape(frames: 32, rows: 48, columns: 48), repeating: 1))
        #expect(try filler.tuned(on: [narrow], gapWidths: [38], steps: 1) == nil)
    }

    /// A network of which no tensor fits into the machine's arithmetic, as one that finds no memory.
    private static let impossible = GapNetwork(channels: [1_000_000, 16, 16], blocks: [0, 0, 1])

    @Test func aNetworkThatCannotBeRunIsToldAndLeavesKriging() {
        var model = Self.model()
        model.network = Self.impossible
        let filler = NetworkFiller(model: model)
        var filled = Self.block { $0.mask(columns: 18..<24) }
        var kriged = filled
        #expect(filler.failure == nil)
        filler.fill(&filled)
        Kriging().fill(&kriged)
        #expect(filled.data == kriged.data)
        #expect("\(filler.failure.map { "\($0)" } ?? "")".contains("2^31"))
    }

    @Test func aNetworkThatCannotBeTrainedIsNotSilentlyLeftAsItIs() {
        let tuning = FineTuning(
            network: Self.impossible,
            parts: [Self.part(Volume(shape: VolumeShape(frames: 32, rows: 40, columns: 40), repeating: 1))],
            gapWidths: [6], precision: .float32, steps: 1)
        #expect(throws: NeuralNetworkError.self) { try tuning.run(Self.model().parameters) { _, _ in } }
    }

    private static func part(_ counts: Volume<Float>) -> GapFreePart {
        let box = VoxelBox(
            frames: 0..<counts.shape.frames, rows: 0..<counts.shape.rows, columns: 0..<counts.shape.columns)
        return GapFreePart(box: box, counts: counts)
    }
}

extension NetworkFiller {
    fileprivate func tuned(on parts: [GapFreePart], gapWidths: [Int] = [6], steps: Int) throws -> NetworkFiller? {
        try fineTuned(on: parts, gapWidths: gapWidths, steps: steps, goesOn: { _ in true }) { _, _ in }
            as? NetworkFiller
    }
}
