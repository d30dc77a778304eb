internal import Foundation
internal import NeuralNetwork
internal import Volume
public import WorkMessages

/// Fills gaps by kriging that a network corrects, with its uncertainty.
///
/// Each tile is kriged, the network is told what came out, and overlapping tiles are blended, each with its greatest
/// weight in its middle. Each core works on a tile of its own. Tiles without fringes stay as they were kriged: there is
/// nothing to correct.
public final class NetworkFiller: TrainableFiller, KrigingCorrector {
    public let method = FillMethod.network
    public let contextFrames = Tile.margin
    public let usesSums = true
    public let model: GapModel

    /// How this processor computes the network, on which the last digits of a fill depend: float32 or bfloat16.
    public static var precision: String { Precision.automatic.rawValue }

    public var failure: (any Error)? { plans.failure }

    private let quality: FillQuality
    private let withheld: [TileFeatures.Channel]
    private let kriging = Kriging()
    private let plans: PlanCache

    /// - Parameter withheld: what the network is not told, to learn what it is worth.
    public init(model: GapModel, quality: FillQuality = .standard, withheld: [TileFeatures.Channel] = []) {
        self.model = model
        self.quality = quality
        self.withheld = withheld
        plans = PlanCache(model.network.graph, model.parameters)
    }

    public func fill(_ block: inout FrameBlock) {
        block.fillByTiles { tile, block, sums in
            var estimate = kriging.estimate(tile, of: block, sums: sums)
            correct(&estimate, of: tile, in: block)
            return estimate
        }
    }

    public func fillAndKrige(_ block: inout FrameBlock) -> FrameBlock {
        block.fillByTiles { tile, block, sums in
            let kriged = kriging.estimate(tile, of: block, sums: sums)
            var estimate = kriged
            correct(&estimate, of: tile, in: block)
            return (estimate, kriged)
        }
    }

    /// Corrects what kriging made of one tile, on the calling thread.
    private func correct(_ estimate: inout TileEstimate, of tile: Tile, in block: FrameBlock) {
        guard quality != .fast, estimate.signalShare >= Kriging.fringeShare else { return }
        let masks = tile.box.masks(of: block).masked
        let mirror = block.mirror?.images(frames: tile.box.frames, rows: tile.box.rows, columns: tile.box.columns)
        let box = tile.boxSeenByNetwork(masks: masks)
        if quality == .best {
            correctFromAllSides(&estimate, masks: masks, mirror: mirror, box: box)
        } else {
            correct(&estimate, masks: masks, mirror: mirror, box: box)
        }
    }

    /// Lets the network correct the part of a tile in a box.
    private func correct(_ estimate: inout TileEstimate, masks: [PixelMask], mirror: Volume<Float>?, box: VoxelBox) {
        let extents = box.shape.padded(toMultiplesOf: GapNetwork.extentMultiple)
        guard let plan = plans.borrow(extents) else { return }
        defer { plans.giveBack(plan, extents) }
        plan.withInput { input in
            TileFeatures.write(estimate, masks: masks, mirror: mirror, box: box, extents: extents, to: input)
            for channel in withheld { TileFeatures.withhold(channel, from: input) }
        }
        plan.forward()
        plan.withOutput { estimate.correct(masks: masks, by: $0, box: box, extents: extents) }
        estimate.part = box
    }

    /// Takes the mean of what the network says of the tile and of its mirror images.
    private func correctFromAllSides(
        _ estimate: inout TileEstimate, masks: [PixelMask], mirror: Volume<Float>?, box: VoxelBox
    ) {
        let kriged = estimate
        var means = [Float](repeating: 0, count: kriged.mean.storage.count)
        var variances = means
        let sides = [(false, false), (false, true), (true, false), (true, true)]
        for (rows, columns) in sides {
            var turned = kriged.turned(rows: rows, columns: columns)
            correct(
                &turned, masks: masks.map { $0.turned(rows: rows, columns: columns) },
                mirror: mirror?.turned(rows: rows, columns: columns),
                box: box.turned(rows: rows, columns: columns, within: kriged.mean.shape))
            let corrected = turned.turned(rows: rows, columns: columns)
            estimate.part = corrected.part
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
        on parts: [GapFreePart], gapWidths: [Int], steps: Int, goesOn: (any ScanFiller) -> Bool,
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (any ScanFiller)? {
        func filler(_ parameters: ParameterSet) -> NetworkFiller {
            var tuned = model
            tuned.parameters = parameters
            return NetworkFiller(model: tuned, quality: quality)
        }
        let tuning = FineTuning(
            network: model.network, parts: parts, gapWidths: gapWidths, precision: .automatic, steps: steps)
        return try tuning.run(model.parameters, goesOn: { goesOn(filler($0)) }, progress: progress).map(filler)
    }
}

extension VolumeShape {
    /// The next extents that are multiples of a number.
    fileprivate func padded(toMultiplesOf multiple: Int) -> VolumeShape {
        func next(_ extent: Int) -> Int { (extent + multiple - 1) / multiple * multiple }
        return VolumeShape(frames: next(frames), rows: next(rows), columns: next(columns))
    }
}

extension TileEstimate {
    /// Corrects the masked voxels by the network's answer for the tile.
    ///
    /// - Parameters:
    ///   - answer: ``GapNetwork/outputChannels`` numbers for each voxel of `extents`, which begin with the box.
    ///   - box: the part of the tile that the network saw.
    mutating func correct(
        masks: [PixelMask], by answer: UnsafeBufferPointer<Float>, box: VoxelBox, extents: VolumeShape
    ) {
        for frame in box.frames {
            for row in box.rows {
                let base = mean.rowBase(frame: frame, row: row)
                let line = (frame - box.frames.lowerBound) * extents.rows + row - box.rows.lowerBound
                for column in box.columns where masks[frame][row, column] {
                    let voxel = base + column
                    let place = line * extents.columns + column - box.columns.lowerBound
                    let correction = Correction(
                        UnsafeBufferPointer(rebasing: answer[(place * GapNetwork.outputChannels)...]))
                    let kriged = scale.storage[voxel]
                    mean.storage[voxel] = correction.mean(
                        kriged: mean.storage[voxel], background: background.storage[voxel], deviation: kriged)
                    deviation.storage[voxel] = correction.deviation(kriged: kriged)
                }
            }
        }
    }
}

extension Tile {
    /// Voxels that the network sees on each side of a narrow gap, and of a wide one.
    private static let (contextOfNarrow, contextOfWide) = (7, 16)
    /// Voxels that it sees along a narrow gap beyond the core.
    private static let marginOfNarrow = 4
    private static let leastSeen = 24

    /// The part of the tile that the network needs to see, counted from the tile's first voxel: more gains nothing.
    func boxSeenByNetwork(masks: [PixelMask]) -> VoxelBox {
        var (rows, columns) = (0..<0, 0..<0)
        var latest: PixelMask?
        for mask in masks where mask != latest {
            for row in 0..<mask.shape.rows {
                for column in 0..<mask.shape.columns where mask[row, column] {
                    rows = rows.isEmpty ? row..<row + 1 : min(rows.lowerBound, row)..<max(rows.upperBound, row + 1)
                    columns =
                        columns.isEmpty
                        ? column..<column + 1 : min(columns.lowerBound, column)..<max(columns.upperBound, column + 1)
                }
            }
            latest = mask
        }
        let core = core.counted(from: box)
        let shape = box.shape
        return VoxelBox(
            frames: seen(across: 0..<shape.frames, core: core.frames, within: shape.frames),
            rows: seen(across: rows, core: core.rows, within: shape.rows),
            columns: seen(across: columns, core: core.columns, within: shape.columns))
    }

    /// - Parameter gap: the masked positions along an axis of the tile.
    private func seen(across gap: Range<Int>, core: Range<Int>, within extent: Int) -> Range<Int> {
        let isNarrow = box.shape.isOfNarrowGap
        let margin = isNarrow ? Self.marginOfNarrow : extent
        let reach = max(0, core.lowerBound - margin)..<min(extent, core.upperBound + margin)
        // A gap that goes on beyond the core is corrected there by the tile's neighbours.
        let goesOn = gap.lowerBound < reach.lowerBound || gap.upperBound > reach.upperBound
        let target = goesOn ? reach : gap
        let context = goesOn ? 0 : isNarrow ? Self.contextOfNarrow : Self.contextOfWide
        let multiple = GapNetwork.extentMultiple
        let wanted = max(Self.leastSeen, (target.count + 2 * context + multiple - 1) / multiple * multiple)
        guard wanted < extent else { return 0..<extent }
        let start = min(max(0, target.lowerBound - (wanted - target.count) / 2), extent - wanted)
        return start..<start + wanted
    }
}

extension VolumeShape {
    /// Whether a tile of this shape has no gap that the network learnt in larger patches than cubes of 32 voxels.
    fileprivate var isOfNarrowGap: Bool { max(rows, columns) <= 14 + 2 * Tile.context }
}

extension VoxelBox {
    /// The box at the place of these voxels in a volume whose rows, columns, or both are reversed.
    fileprivate func turned(rows: Bool, columns: Bool, within shape: VolumeShape) -> VoxelBox {
        func turned(_ range: Range<Int>, _ extent: Int) -> Range<Int> {
            extent - range.upperBound..<extent - range.lowerBound
        }
        return VoxelBox(
            frames: frames, rows: rows ? turned(self.rows, shape.rows) : self.rows,
            columns: columns ? turned(self.columns, shape.columns) : self.columns)
    }
}

extension TileEstimate {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> TileEstimate {
        var turned = TileEstimate(
            mean: mean.turned(rows: rows, columns: columns),
            deviation: deviation.turned(rows: rows, columns: columns),
            scale: scale.turned(rows: rows, columns: columns),
            background: background.turned(rows: rows, columns: columns), signalShare: signalShare)
        turned.part = part.turned(rows: rows, columns: columns, within: mean.shape)
        return turned
    }
}

extension Volume {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> Volume {
        Volume(
            shape: shape,
            storage: (0..<shape.frames).flatMap { frame in
                shape.frame.turned(storage[range(ofFrame: frame)], rows: rows, columns: columns)
            })
    }
}

extension PixelMask {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> PixelMask {
        PixelMask(shape: shape, storage: shape.turned(storage[...], rows: rows, columns: columns))
    }
}

extension FrameShape {
    /// The pixels of one frame with rows, columns, or both in reverse order.
    fileprivate func turned<Pixel>(_ pixels: ArraySlice<Pixel>, rows: Bool, columns: Bool) -> [Pixel] {
        (0..<self.rows).flatMap { row in
            let start = pixels.startIndex + (rows ? self.rows - 1 - row : row) * self.columns
            let line = pixels[start..<start + self.columns]
            return columns ? Array(line.reversed()) : Array(line)
        }
    }
}
