internal import NeuralNetwork
internal import Volume
public import WorkMessages

/// Fills gaps by kriging that a network corrects, with its uncertainty.
///
/// Each tile is kriged, the network is told what came out, and overlapping tiles are blended, each with its greatest
/// weight in its middle. Each core works on a tile of its own. Tiles with hardly a count stay as they were kriged: there is
/// nothing to correct.
public final class NetworkFiller: TrainableFiller {
    public let method = FillMethod.network
    public let contextFrames = KrigingTile.margin
    public let usesSums = true
    public let model: GapModel

    public var failure: (any Error)? { plans.failure }

    private let quality: FillQuality
    private let withheld: [TileFeatures.Channel]
    private let kriging = Kriging()
    private let plans: PlanShelf

    /// Share of the measured voxels with a count from which a tile has something to correct.
    private static let signalShare = 0.02

    /// - Parameter withheld: what the network is not told, to learn what it is worth.
    public init(model: GapModel, quality: FillQuality = .standard, withheld: [TileFeatures.Channel] = []) {
        self.model = model
        self.quality = quality
        self.withheld = withheld
        plans = PlanShelf(model.network.graph, model.parameters)
    }

    public func fill(_ block: inout FrameBlock) {
        kriging.fill(&block) { tile, block, sums in estimate(tile, of: block, sums: sums) }
    }

    /// What is to be expected in one tile, on the calling thread.
    private func estimate(_ tile: KrigingTile, of block: FrameBlock, sums: MeasuredSums) -> TileEstimate {
        var estimate = kriging.estimate(tile, of: block, sums: sums)
        guard quality != .fast, estimate.signalShare >= Self.signalShare else { return estimate }
        let masks = tile.masks(of: block).masked
        let mirror = block.mirror?.images(frames: tile.frames, rows: tile.rows, columns: tile.columns)
        if quality == .best {
            correctFromAllSides(&estimate, masks: masks, mirror: mirror)
        } else {
            correct(&estimate, masks: masks, mirror: mirror)
        }
        return estimate
    }

    /// Lets the network correct one tile.
    private func correct(_ estimate: inout TileEstimate, masks: [PixelMask], mirror: Volume<Float>?) {
        let box = estimate.boxSeen(masks: masks)
        let extents = box.shape.padded(toMultiplesOf: GapNetwork.extentMultiple)
        guard let plan = plans.borrow(extents) else { return }
        defer { plans.giveBack(plan, extents) }
        plan.withInput { input in
            TileFeatures.write(estimate, masks: masks, mirror: mirror, box: box, extents: extents, to: input)
            for channel in withheld { TileFeatures.withhold(channel, from: input) }
        }
        plan.forward()
        plan.withOutput { estimate.correct(masks: masks, by: $0, box: box, extents: extents) }
    }

    /// Takes the mean of what the network says of the tile and of its mirror images.
    private func correctFromAllSides(_ estimate: inout TileEstimate, masks: [PixelMask], mirror: Volume<Float>?) {
        let kriged = estimate
        var means = [Float](repeating: 0, count: kriged.mean.storage.count)
        var variances = means
        let sides = [(false, false), (false, true), (true, false), (true, true)]
        for (rows, columns) in sides {
            var turned = kriged.turned(rows: rows, columns: columns)
            correct(
                &turned, masks: masks.map { $0.turned(rows: rows, columns: columns) },
                mirror: mirror?.turned(rows: rows, columns: columns))
            let corrected = turned.turned(rows: rows, columns: columns)
            for index in means.indices {
                means[index] += corrected.mean.storage[index] / Float(sides.count)
                let deviation = corrected.deviation.storage[index]
                variances[index] += deviation * deviation / Float(sides.count)
            }
        }
        estimate.mean.storage = means
        estimate.deviation.storage = variances.map { $0.squareRoot() }
    }

    public func fineTuned(
        on parts: [GapFreePart], gapWidths: [Int], progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (any ScanFiller)? {
        try fineTuned(on: parts, gapWidths: gapWidths, steps: FineTuning.usualSteps, progress: progress)
    }

    func fineTuned(
        on parts: [GapFreePart], gapWidths: [Int], steps: Int, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (any ScanFiller)? {
        let tuning = FineTuning(
            network: model.network, parts: parts, gapWidths: gapWidths, precision: .automatic, steps: steps)
        return try tuning.run(model.parameters, progress: progress).map { parameters in
            var tuned = model
            tuned.parameters = parameters
            return NetworkFiller(model: tuned, quality: quality)
        }
    }
}

extension VolumeShape {
    /// The next extents that are multiples of a number.
    fileprivate func padded(toMultiplesOf multiple: Int) -> VolumeShape {
        func next(_ extent: Int) -> Int { (extent + multiple - 1) / multiple * multiple }
        return VolumeShape(frames: next(frames), rows: next(rows), columns: next(columns))
    }
}
