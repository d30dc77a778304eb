public import Detectors
internal import NeuralNetwork
internal import Synchronization
internal import Volume

/// Fills gaps by kriging that a network corrects, with its uncertainty.
///
/// Each tile is kriged, the network is told what came out, and overlapping tiles are blended, each with its greatest
/// weight in its middle. Tiles with hardly a count stay as they were kriged: there is nothing to correct.
public final class NetworkFiller: GapFiller {
    public let method = FillMethod.network
    public let contextFrames = KrigingTile.margin
    public let model: GapModel

    private let kriging = Kriging()
    private let graph: NetworkGraph
    private let precision: Precision
    /// The plans of the tile shapes met so far. A plan works for one tile at a time.
    private let plans = Mutex<[VolumeShape: NetworkPlan]>([:])

    /// Tiles that are in memory at once.
    private static let group = 32
    /// Share of the measured voxels with a count from which a tile has something to correct.
    private static let signalShare = 0.02

    public init(model: GapModel) {
        self.model = model
        graph = model.network.graph
        precision = .bfloat16
    }

    public func fill(_ block: inout FrameBlock) {
        let tiles = KrigingTile.cover(block.plans, frames: block.frames)
        var blend = KrigingBlend(frames: block.frames, fillable: KrigingTile.union(of: block.plans[block.frames]))
        for start in stride(from: 0, to: tiles.count, by: Self.group) {
            let group = tiles[start..<min(start + Self.group, tiles.count)]
            let source = block
            var kriged = concurrentMap(group.indices) { KrigedTile(tiles[$0], of: source, by: kriging) }
            for index in kriged.indices where kriged[index].signalShare >= Self.signalShare { correct(&kriged[index]) }
            for tile in kriged { blend.add(tile.estimate) }
        }
        blend.write(to: &block)
    }

    /// Lets the network correct one tile.
    private func correct(_ tile: inout KrigedTile) {
        let extents = tile.tile.shape.padded(toMultiplesOf: GapNetwork.extentMultiple)
        plans.withLock { plans in
            let plan = plans[extents] ?? self.plan(extents)
            plans[extents] = plan
            plan.withInput { tile.writeFeatures(extents: extents, to: $0) }
            plan.forward()
            plan.withOutput { tile.apply($0, extents: extents) }
        }
    }

    private func plan(_ extents: VolumeShape) -> NetworkPlan {
        do {
            let plan = try NetworkPlan(graph, batch: 1, extents: Extent3(extents), precision: precision)
            plan.load(model.parameters)
            return plan
        } catch {
            preconditionFailure("a network for \(extents): \(error)")
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
