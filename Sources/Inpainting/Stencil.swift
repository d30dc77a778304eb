internal import Volume

/// For each fillable pixel, the measured pixels and the weights whose weighted sum is its estimate.
///
/// Built once for a mask and applied to every frame; rounds of a ``GapPlan`` are folded into one another, so that
/// only measured pixels stand on the right-hand side.
struct Stencil: Sendable {
    /// A weighted measured pixel.
    struct Term: Sendable {
        var pixel: Int
        var weight: Float
    }

    /// Positions of the fillable pixels in the frame.
    private(set) var targets: [Int] = []
    /// Positions of the measured pixels that any target depends on, each once.
    private(set) var sources: [Int] = []
    /// The terms of target `t` are `offsets[t]..<offsets[t + 1]` of the next two.
    private(set) var offsets = [0]
    /// Index into `sources`.
    private(set) var termSources: [Int32] = []
    private(set) var termWeights: [Float] = []

    /// - Parameter terms: the weighted neighbours of one step, some of which may be filled pixels of earlier rounds.
    init(plan: GapPlan, terms: (GapPlan.Step) -> [Term]) {
        var sourceIndex = [Int32](repeating: -1, count: plan.mask.shape.count)
        var targetIndex = [Int32](repeating: -1, count: plan.mask.shape.count)
        for step in plan.rounds.joined() {
            for (pixel, weight) in fold(terms(step), targetIndex: targetIndex) {
                if sourceIndex[pixel] < 0 {
                    sourceIndex[pixel] = Int32(sources.count)
                    sources.append(pixel)
                }
                termSources.append(sourceIndex[pixel])
                termWeights.append(weight)
            }
            targetIndex[step.pixel] = Int32(targets.count)
            targets.append(step.pixel)
            offsets.append(termSources.count)
        }
    }

    /// Replaces neighbours that are filled themselves by what they are filled from.
    private func fold(_ terms: [Term], targetIndex: [Int32]) -> [(pixel: Int, weight: Float)] {
        var folded: [(pixel: Int, weight: Float)] = []
        func add(_ pixel: Int, _ weight: Float) {
            if let index = folded.firstIndex(where: { $0.pixel == pixel }) {
                folded[index].weight += weight
            } else {
                folded.append((pixel, weight))
            }
        }
        for term in terms {
            let target = Int(targetIndex[term.pixel])
            if target < 0 {
                add(term.pixel, term.weight)
            } else {
                for index in offsets[target]..<offsets[target + 1] {
                    add(sources[Int(termSources[index])], term.weight * termWeights[index])
                }
            }
        }
        return folded
    }
}
