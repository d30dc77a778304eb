internal import Diffraction
internal import Inpainting
internal import Volume

/// A pattern in which a gap hides voxels, and what can be made of it.
struct GappedPattern {
    /// What would have been measured without the gap.
    let complete: Volume<Float>
    /// What was: nothing in the gap, but for sums over several pixels.
    private let measured: FrameBlock
    /// Positions of the hidden voxels.
    let hidden: [Int]

    /// - Parameter complete: its Bragg peak is in the middle voxel.
    init(_ complete: Volume<Float>, gap: RealSpaceGap) {
        self.complete = complete
        let shape = complete.shape
        let plan = gap.plan(for: shape.frame)
        let pixels = plan.mask.storage.indices.filter { plan.mask.storage[$0] }
        hidden = (0..<shape.frames).flatMap { frame in pixels.map { frame * shape.frame.count + $0 } }
        var data = complete
        for voxel in hidden { data.storage[voxel] = 0 }
        for frame in 0..<shape.frames {
            let start = frame * shape.frame.count
            for group in plan.sums?.groups ?? [] {
                data.storage[start + group.holder] = group.members.reduce(0) { $0 + complete.storage[start + $1] }
            }
        }
        var block = FrameBlock(data: data, plans: [GapPlan](repeating: plan, count: shape.frames))
        block.mirror = BraggMirror(
            block, box: VoxelBox(frames: 0..<shape.frames, rows: 0..<shape.rows, columns: 0..<shape.columns),
            peak: shape.extents.map { $0 / 2 })
        measured = block
    }

    /// The pattern with nothing in the gap.
    var zeroed: Volume<Float> {
        var data = complete
        for voxel in hidden { data.storage[voxel] = 0 }
        return data
    }

    /// The pattern with no number in the gap.
    var measuredCounts: Volume<Float> {
        var data = complete
        for voxel in hidden { data.storage[voxel] = .nan }
        return data
    }

    /// The pattern with its gap filled, and the errors where the method states them.
    func filled(by method: StudyMethod) -> FrameBlock { method.fill(measured) }

    /// What is done to the gap before and while phases are retrieved.
    struct Treatment {
        var name: String
        var bounds: AmplitudeBounds
        /// See ``PhasingRecipe/smoothing``.
        var smoothing: Float = 0
    }

    /// Length of the steps down the total variation. Not tuned on anything.
    private static let smoothing: Float = 0.01

    /// All that is tried on the gap; the last method's fill also serves as bounds, and as the service hands it over by
    /// default, where gaps that it does not trust are free.
    func treatments(by methods: [StudyMethod], sigmas: Float, width: Int) -> [Treatment] {
        typealias Name = RealSpaceScore.Treatment
        var treatments = [
            Treatment(name: Name.zero, bounds: AmplitudeBounds(counts: zeroed)),
            Treatment(name: Name.free, bounds: freeBounds),
            Treatment(name: Name.freeAndSmooth, bounds: freeBounds, smoothing: Self.smoothing),
        ]
        for (rank, method) in methods.enumerated() {
            let fill = filled(by: method)
            treatments.append(Treatment(name: method.name, bounds: AmplitudeBounds(counts: fill.data)))
            guard rank == methods.count - 1, fill.errors != nil else { continue }
            treatments.append(Treatment(name: Name.bounded(method.name), bounds: bounds(near: fill, sigmas: sigmas)))
            guard let filler = method.filler as? any ScanFiller else { continue }
            treatments.append(Treatment(name: Name.judged(method.name), bounds: bounds(judgedBy: filler, width: width)))
        }
        return treatments
    }

    /// The gap left to the algorithm.
    var freeBounds: AmplitudeBounds {
        var bounds = AmplitudeBounds(counts: zeroed)
        for voxel in hidden { bounds.free(voxel) }
        return bounds
    }

    /// What phase retrieval gets by default: the fill of the gaps that are trusted, the others free.
    func bounds(judgedBy filler: any ScanFiller, width: Int) -> AmplitudeBounds {
        let mask = measured.plans[0].mask
        let judged = JudgedFill(filler, of: measured, mask: mask, width: width)
        let free = judged.free.storage
        var bounds = AmplitudeBounds(counts: judged.filled.data)
        for voxel in hidden where free[voxel % free.count] { bounds.free(voxel) }
        return bounds
    }

    /// The gap within some stated uncertainties of a fill; free where none is stated.
    func bounds(near fill: FrameBlock, sigmas: Float) -> AmplitudeBounds {
        var bounds = AmplitudeBounds(counts: fill.data)
        for voxel in hidden {
            let error = fill.errors?.storage[voxel] ?? .nan
            if error.isFinite {
                bounds.bound(voxel, near: fill.data.storage[voxel], margin: sigmas * error)
            } else {
                bounds.free(voxel)
            }
        }
        return bounds
    }
}

/// A gap that is put into a whole pattern, beside its Bragg peak.
public struct RealSpaceGap: Sendable, Hashable {
    public enum Form: String, Sendable, CaseIterable {
        /// One band of columns.
        case band
        /// A band of rows and one of columns.
        case cross
        /// A cross of MAXIPIX seams, whose wide pixels hold the sums of three.
        case seams
    }

    public var form: Form
    /// In pixels.
    public var width: Int
    /// Pixels between the Bragg peak and the nearest line of the gap.
    public var distance: Int

    /// Whether a frame holds the gap with measured pixels around it.
    func fits(_ frame: FrameShape) -> Bool {
        [frame.rows, frame.columns].allSatisfy { $0 / 2 + distance + width < $0 }
    }

    /// What a filler is told about each frame; the peak is in its middle.
    func plan(for frame: FrameShape) -> GapPlan {
        let rows = frame.rows / 2 + distance..<frame.rows / 2 + distance + width
        let columns = frame.columns / 2 + distance..<frame.columns / 2 + distance + width
        var mask = PixelMask(shape: frame)
        mask.mask(columns: columns)
        if form != .band { mask.mask(rows: rows) }
        guard form == .seams else { return GapPlan(mask: mask, maximumWidth: width) }
        let sums = MaxipixSeams.sums(rows: rows, columns: columns, frame: frame)
        return GapPlan(mask: mask, maximumWidth: width, sums: sums)
    }
}
