internal import NeuralNetwork
internal import Synchronization
internal import Volume

/// Networks ready for tiles of the shapes met so far, one for each thread that wants one.
final class PlanShelf: Sendable {
    /// A plan that one thread at a time holds.
    struct Plan: @unchecked Sendable {
        // Safe to share: who borrows a plan has it alone until it is given back.
        fileprivate let plan: NetworkPlan
    }

    private let graph: NetworkGraph
    private let parameters: ParameterSet
    private let threads: Int
    private let idle = Mutex<[VolumeShape: [Plan]]>([:])
    private let firstFailure = Mutex<NeuralNetworkError?>(nil)

    /// - Parameters:
    ///   - parameters: those of the graph.
    ///   - threads: how many cores each evaluation uses.
    init(_ graph: NetworkGraph, _ parameters: ParameterSet, threads: Int = 1) {
        self.graph = graph
        self.parameters = parameters
        self.threads = threads
    }

    /// The first error for which no plan could be made; what it was wanted for was left as it was.
    var failure: NeuralNetworkError? { firstFailure.withLock { $0 } }

    /// - Parameter extents: (frame, row, column), such that the graph can work on them.
    /// - Returns: `nil` where no plan can be made, e.g. for want of memory; see ``failure``.
    func borrow(_ extents: VolumeShape) -> NetworkPlan? {
        if let known = idle.withLock({ $0[extents]?.popLast() }) { return known.plan }
        do throws(NeuralNetworkError) {
            let plan = try NetworkPlan(
                graph, batch: 1, extents: Extent3(extents), precision: .automatic, threads: threads)
            plan.load(parameters)
            return plan
        } catch {
            firstFailure.withLock { $0 = $0 ?? error }
            return nil
        }
    }

    func giveBack(_ plan: NetworkPlan, _ extents: VolumeShape) {
        let plan = Plan(plan: plan)
        idle.withLock { $0[extents, default: []].append(plan) }
    }
}
