public import Volume

/// What the pixels of one frame are, (slow = row, fast = column).
public struct FrameMasks: Hashable, Sendable {
    /// True where the value is an estimate.
    public var inpainted: PixelMask
    /// True where the value is neither measured nor estimated.
    public var unusable: PixelMask

    /// - Precondition: both have the same shape.
    public init(inpainted: PixelMask, unusable: PixelMask) {
        precondition(inpainted.shape == unusable.shape, "masks of \(inpainted.shape) and \(unusable.shape)")
        self.inpainted = inpainted
        self.unusable = unusable
    }
}

/// The masks of a block of frames.
public enum BlockMasks: Sendable {
    /// All frames have the same.
    case uniform(FrameMasks)
    /// One for each frame of the block.
    case perFrame([FrameMasks])

    subscript(frame: Int) -> FrameMasks {
        switch self {
        case .uniform(let masks): masks
        case .perFrame(let masks): masks[frame]
        }
    }
}
