public import Volume

/// Gathers the quality of each gap while a scan is filled block by block.
public struct GapTally: Sendable {
    public let regions: GapRegions
    /// One for each region, and one for what is masked in some frames only.
    public private(set) var qualities: [GapQuality]

    /// - Parameter mask: what is masked in every frame.
    public init(mask: PixelMask) {
        regions = GapRegions(mask: mask)
        qualities = Array(repeating: GapQuality(), count: regions.regions.count + 1)
    }

    /// Takes a block into account that was filled.
    ///
    /// - Precondition: the block has no context, and frames of the mask's shape.
    public mutating func add(_ block: FrameBlock) {
        precondition(block.data.shape.frame.count == regions.labels.count, "frames of another shape than the mask")
        let pixels = block.data.shape.frame.count
        for (frame, plan) in block.plans.enumerated() {
            let base = frame * pixels
            for (pixel, isFilled) in plan.fillable.storage.enumerated() where isFilled {
                qualities[Int(regions.labels[pixel])].add(
                    estimate: block.data.storage[base + pixel], error: block.errors?.storage[base + pixel])
            }
        }
    }

    /// The pixels of some regions.
    ///
    /// - Parameter numbers: positions in ``qualities``.
    public func pixels(of numbers: Set<Int>, shape: FrameShape) -> PixelMask {
        PixelMask(shape: shape, storage: regions.labels.map { numbers.contains(Int($0)) })
    }
}
