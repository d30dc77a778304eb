internal import Detectors
internal import Foundation
public import Inpainting
public import NeuralNetwork
internal import Volume
internal import WorkMessages

/// Fills gaps by the network of the paper, patch by patch; a rival for studies.
///
/// A patch is centred on a gap and moved along it; where patches overlap, their estimates of log(1+I) are averaged. What
/// no patch can be centred on is interpolated. There is no uncertainty.
///
/// Source: Masto et al. 2024, section 2.6.
public final class PaperFiller: GapFiller {
    public var failure: (any Error)? { plans.failure }

    private let skippedPixels: Int
    private let plans: PlanCache

    /// Patches that are in memory at once.
    private static let group = 64

    /// - Parameter skippedPixels: between one place of the patch and the next, at least 0.
    public init(model: PaperModel, skippedPixels: Int = 0) {
        self.skippedPixels = skippedPixels
        plans = PlanCache(.paper3D(), model.parameters)
    }

    public func fill(_ block: inout FrameBlock) {
        let source = block
        let logs = Volume(shape: block.data.shape, storage: block.data.storage.map { log1p($0) })
        Interpolation(.linear).fill(&block)
        let patches = PaperNetwork.patches(of: source, skippedPixels: skippedPixels)
        var sums = [Float](repeating: 0, count: logs.shape.count)
        var counts = sums
        for first in stride(from: 0, to: patches.count, by: Self.group) {
            let group = first..<min(first + Self.group, patches.count)
            let answers = concurrentMap(group) { estimates(patches[$0], logs: logs, of: source) }
            for (voxel, log) in answers.joined() {
                sums[voxel] += log
                counts[voxel] += 1
            }
        }
        for voxel in sums.indices where counts[voxel] > 0 {
            block.data.storage[voxel] = max(0, expm1(sums[voxel] / counts[voxel]))
        }
    }

    /// log(1+I) in the fillable voxels of one patch with their positions in the block, on the calling thread.
    private func estimates(
        _ patch: VoxelBox, logs: Volume<Float>, of block: FrameBlock
    ) -> [(voxel: Int, log: Float)] {
        let masks = patch.masks(of: block)
        let scaled = ScaledPatch(logs: logs.part(patch), masks: masks.masked)
        guard let plan = plans.borrow(patch.shape) else { return [] }
        defer { plans.giveBack(plan, patch.shape) }
        plan.setInput([scaled.voxels])
        plan.forward()
        return plan.withOutput { output in
            var estimates: [(voxel: Int, log: Float)] = []
            for (frame, mask) in masks.fillable.enumerated()
            where block.frames.contains(patch.frames.lowerBound + frame) {
                for pixel in mask.storage.indices where mask.storage[pixel] {
                    let (row, column) = (pixel / mask.shape.columns, pixel % mask.shape.columns)
                    let line = logs.rowBase(frame: patch.frames.lowerBound + frame, row: patch.rows.lowerBound + row)
                    estimates.append(
                        (line + patch.columns.lowerBound + column, scaled.log(output[frame * mask.shape.count + pixel]))
                    )
                }
            }
            return estimates
        }
    }
}

/// The network of the paper with its weights, as kept in one file.
public struct PaperModel: Sendable {
    /// The name it was given when it was trained.
    public var name: String
    public var parameters: ParameterSet
    /// How it was trained: steps, seed, hours.
    public var facts: [String: String]

    private static let format = "lacuna paper network 1"

    public init(name: String, parameters: ParameterSet, facts: [String: String]) {
        self.name = name
        self.parameters = parameters
        self.facts = facts
    }

    /// Reads a safetensors file.
    ///
    /// - Throws: ``ModelError``, or the error of `SafeTensors`, which name the file and what was expected.
    public init(contentsOf path: String) throws {
        let file = try ModelFile(contentsOf: path, format: Self.format)
        self.init(name: file.name, parameters: try file.parameters(of: .paper3D()), facts: file.facts)
    }

    /// Writes a safetensors file with half-precision weights.
    public func write(to path: String) throws {
        try ModelFile.write(parameters, format: Self.format, name: name, facts: facts, to: path)
    }
}

/// What the paper's network is used on.
public enum PaperNetwork {
    /// Extents of a patch are multiples of this.
    public static let extentMultiple = 16
    /// The widest gap that it is trained for and asked to fill, in pixels.
    public static let widestGap = 14
    /// The patches that gaps are filled by, (frame, row, column).
    static let patch = VolumeShape(frames: 32, rows: 32, columns: 32)

    /// The patches by which a block is filled: centred on each band across the image, and moved along it and over the
    /// frames until all of it was seen.
    ///
    /// Bands that are too wide, gaps that are no bands and blocks that are smaller than a patch get none.
    ///
    /// - Parameter skippedPixels: between one place and the next.
    static func patches(of block: FrameBlock, skippedPixels: Int) -> [VoxelBox] {
        let shape = block.data.shape
        guard zip(shape.extents, patch.extents).allSatisfy({ $0 >= $1 }) else { return [] }
        let step = skippedPixels + 1
        let frames = places(patch.frames, within: shape.frames, step: step)
        let patches = PixelMask.union(ofFillable: block.plans[block.frames]).bands.filter { $0.width <= widestGap }
            .flatMap { band in
                let isRow = band.axis == .row
                let rows =
                    isRow
                    ? [centred(on: band.range, extent: patch.rows, within: shape.rows)]
                    : places(patch.rows, within: shape.rows, step: step)
                let columns =
                    isRow
                    ? places(patch.columns, within: shape.columns, step: step)
                    : [centred(on: band.range, extent: patch.columns, within: shape.columns)]
                return frames.flatMap { frames in
                    rows.flatMap { rows in
                        columns.map { VoxelBox(frames: frames, rows: rows, columns: $0) }
                    }
                }
            }
        // Where bands cross, both may ask for the same one.
        var seen: Set<VoxelBox> = []
        return patches.filter { seen.insert($0).inserted }
    }

    /// Ranges of one extent from the first to the last that fits.
    private static func places(_ extent: Int, within end: Int, step: Int) -> [Range<Int>] {
        (Array(stride(from: 0, to: end - extent, by: step)) + [end - extent]).map { $0..<$0 + extent }
    }

    /// The range with a gap in its middle; of an odd number of lines, one more lies before it.
    private static func centred(on gap: Range<Int>, extent: Int, within end: Int) -> Range<Int> {
        let start = min(max(0, gap.lowerBound - extent / 2 + gap.count / 2), end - extent)
        return start..<start + extent
    }
}
