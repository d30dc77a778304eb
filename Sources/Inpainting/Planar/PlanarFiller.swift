internal import Foundation
internal import NeuralNetwork
internal import Volume
public import WorkMessages

/// Fills each frame on its own by one of the two-dimensional networks of the thesis; a rival for studies.
///
/// The network sees the whole frame as log(1+I), scaled to 0 ... 1 over the measured pixels. There is no uncertainty.
public final class PlanarFiller: GapFiller {
    /// It is a network, though not the one that ships.
    public let method = FillMethod.network

    public var failure: (any Error)? { plans.failure }

    private let plans: PlanShelf

    public init(model: PlanarModel) {
        plans = PlanShelf(model.network.graph, model.parameters, threads: Threads.count)
    }

    /// - Precondition: the rows and columns of a frame are multiples of ``PlanarNetwork/extentMultiple``.
    public func fill(_ block: inout FrameBlock) {
        let shape = VolumeShape(frames: 1, frame: block.data.shape.frame)
        guard let plan = plans.borrow(shape) else { return }
        defer { plans.giveBack(plan, shape) }
        for frame in block.frames {
            let voxels = block.data.range(ofFrame: frame)
            let logs = Volume(shape: shape, storage: block.data.storage[voxels].map { log1p($0) })
            let scaled = ScaledPatch(logs: logs, masks: [block.plans[frame].mask])
            plan.setInput([scaled.voxels])
            plan.forward()
            let fillable = block.plans[frame].fillable.storage
            plan.withOutput { output in
                for pixel in fillable.indices where fillable[pixel] {
                    block.data.storage[voxels.lowerBound + pixel] = max(0, expm1(scaled.log(output[pixel])))
                }
            }
        }
    }
}
