internal import Diffraction
internal import Volume

/// Where the patches of a training come from: an endless series, each decided by its index.
protocol PatchSource: Sendable {
    /// A patch with a gap of one kind.
    func patch(_ index: Int, shape: VolumeShape, gaps: GapLayout.Class) -> TrainingPatch

    /// A patch with a given gap.
    func patch(_ index: Int, shape: VolumeShape, gap: GapLayout) -> TrainingPatch
}

extension PatchStream: PatchSource {}
extension PlanarStream: PatchSource {}
