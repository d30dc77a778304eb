internal import Foundation
internal import Synchronization
internal import Volume
public import WorkMessages

/// Linear, cubic and nearest-neighbour interpolation of log(1+I) across the gaps, frame by frame.
///
/// The baselines of the paper (section 2.4, there scipy's `griddata`), restricted to the narrow direction of a gap: a
/// detector's gaps are bands parallel to the frame axis, so that the nearest information lies across them in the same
/// frame. They give no uncertainty.
public final class Interpolation: ScanFiller {
    public let method: FillMethod

    /// The stencils of the masks met last, oldest first.
    private let stencils = Mutex<[(plan: GapPlan, stencil: Stencil)]>([])
    private static let keptStencils = 64

    /// - Precondition: `method` is linear, cubic or nearest.
    public init(_ method: FillMethod) {
        precondition([.linear, .cubic, .nearest].contains(method), "\(method) is no interpolation")
        self.method = method
    }

    public func fill(_ block: inout FrameBlock) {
        let stencils = block.plans.map(stencil)
        let pixels = block.data.shape.frame.count
        block.data.storage.withUnsafeMutableBufferPointer { data in
            onAllCores(stencils.count) { index in
                let frame = index * pixels..<(index + 1) * pixels
                stencils[index].apply(to: UnsafeMutableBufferPointer(rebasing: data[frame]))
            }
        }
    }

    private func stencil(for plan: GapPlan) -> Stencil {
        stencils.withLock { stencils in
            if let known = stencils.last(where: { $0.plan === plan }) { return known.stencil }
            let stencil =
                switch method {
                case .cubic: Stencil(plan: plan, terms: plan.cubicTerms)
                case .nearest: Stencil(plan: plan, terms: plan.nearestTerms)
                default: Stencil.linear(plan)
                }
            stencils.append((plan, stencil))
            if stencils.count > Self.keptStencils { stencils.removeFirst() }
            return stencil
        }
    }
}

extension Stencil {
    /// Straight between both sides of a gap, on log(1+I).
    static func linear(_ plan: GapPlan) -> Stencil { Stencil(plan: plan, terms: plan.linearTerms) }

    /// Fills one frame.
    func apply(to frame: UnsafeMutableBufferPointer<Float>) {
        let logs = sources.map { log1p(frame[$0]) }
        for target in targets.indices {
            var sum: Float = 0
            for term in offsets[target]..<offsets[target + 1] {
                sum += termWeights[term] * logs[Int(termSources[term])]
            }
            frame[targets[target]] = max(0, expm1(sum))
        }
    }
}

// MARK: - Weights

extension GapPlan {
    /// A known pixel before, one after, and the position between them from 0 to 1.
    private struct Crossing {
        var before: Int
        var after: Int
        /// The next pixel beyond `before` and `after`, where it is known too.
        var beforeThat: Int?
        var afterThat: Int?
        /// Pixels from `before` to `after`.
        var span: Float
        var position: Float
    }

    /// The lines on which a step's pixel is interpolated, one or two.
    private func crossings(of step: Step) -> [Crossing] {
        let row = step.pixel / mask.shape.columns
        let column = step.pixel % mask.shape.columns
        var crossings: [Crossing] = []
        if let columns = step.columns {
            crossings.append(
                crossing(of: columns, at: column, extent: mask.shape.columns) { row * mask.shape.columns + $0 })
        }
        if let rows = step.rows {
            crossings.append(crossing(of: rows, at: row, extent: mask.shape.rows) { $0 * mask.shape.columns + column })
        }
        return crossings
    }

    private func crossing(of gap: Range<Int>, at index: Int, extent: Int, pixel: (Int) -> Int) -> Crossing {
        let before = gap.lowerBound - 1
        let after = gap.upperBound
        func known(_ index: Int) -> Int? {
            guard (0..<extent).contains(index), !mask.storage[pixel(index)] else { return nil }
            return pixel(index)
        }
        return Crossing(
            before: pixel(before), after: pixel(after), beforeThat: known(before - 1), afterThat: known(after + 1),
            span: Float(after - before), position: Float(index - before) / Float(after - before))
    }

    /// Straight between both sides of the gap.
    fileprivate func linearTerms(_ step: Step) -> [Stencil.Term] {
        let crossings = crossings(of: step)
        let share = 1 / Float(crossings.count)
        return crossings.flatMap { crossing in
            [
                Stencil.Term(pixel: crossing.before, weight: share * (1 - crossing.position)),
                Stencil.Term(pixel: crossing.after, weight: share * crossing.position),
            ]
        }
    }

    /// Along the cubic that has the values and the slopes of both sides, a slope being the finite difference over the
    /// two neighbours of a side (Catmull and Rom, 1974, for unequal distances).
    fileprivate func cubicTerms(_ step: Step) -> [Stencil.Term] {
        let crossings = crossings(of: step)
        let share = 1 / Float(crossings.count)
        return crossings.flatMap { crossing in
            let t = crossing.position
            let slopeBefore = crossing.span * t * (1 - t) * (1 - t)
            let slopeAfter = -crossing.span * t * t * (1 - t)
            // The slope at `before` runs from the pixel beyond it to `after`, and the other way round.
            let first = slopeBefore / (crossing.span + (crossing.beforeThat == nil ? 0 : 1))
            let second = slopeAfter / (crossing.span + (crossing.afterThat == nil ? 0 : 1))
            let value = t * t * (3 - 2 * t)
            return [
                Stencil.Term(pixel: crossing.before, weight: share * (1 - value - second)),
                Stencil.Term(pixel: crossing.after, weight: share * (value + first)),
                Stencil.Term(pixel: crossing.beforeThat ?? crossing.before, weight: -share * first),
                Stencil.Term(pixel: crossing.afterThat ?? crossing.after, weight: share * second),
            ]
        }
    }

    /// The measured pixel at the least distance in the frame; of several, the first in row-major order.
    fileprivate func nearestTerms(_ step: Step) -> [Stencil.Term] {
        let shape = mask.shape
        let row = step.pixel / shape.columns
        let column = step.pixel % shape.columns
        var best: (distance: Int, pixel: Int)?
        // Squares of growing size around the pixel, until no pixel of the next one can be nearer.
        for radius in 1..<max(2, shape.rows, shape.columns) {
            if let best, radius * radius > best.distance { break }
            for y in max(0, row - radius)...min(shape.rows - 1, row + radius) {
                let step = abs(y - row) == radius ? 1 : 2 * radius
                for x in stride(from: column - radius, through: column + radius, by: step)
                where x >= 0 && x < shape.columns && !mask[y, x] {
                    let distance = (y - row) * (y - row) + (x - column) * (x - column)
                    let candidate = (distance, y * shape.columns + x)
                    if best.map({ candidate < ($0.distance, $0.pixel) }) ?? true { best = candidate }
                }
            }
        }
        return best.map { [Stencil.Term(pixel: $0.pixel, weight: 1)] } ?? []
    }
}

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
