internal import Inpainting
internal import Volume

/// Counts the voxels of a scan as its blocks pass by.
struct VoxelTally {
    private(set) var masked = 0
    private(set) var filled = 0
    private var saturated = 0
    private let saturation: Float?

    /// - Parameter saturation: counts from which on a measured value cannot be trusted.
    init(saturation: Double?) {
        self.saturation = saturation.map { Float($0) }
    }

    mutating func add(_ block: FrameBlock) {
        for plan in block.plans {
            filled += plan.fillableCount
            masked += plan.fillableCount + plan.unfillableCount
        }
        guard let saturation else { return }
        for count in block.data.storage where count >= saturation { saturated &+= 1 }
    }

    var remarks: [String] {
        guard saturated > 0, let saturation else { return [] }
        return ["\(saturated) voxels are saturated (at least \(Int(saturation)) counts) and were kept as recorded"]
    }
}
