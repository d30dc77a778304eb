public import Volume

/// What is wrong with a pixel: the bits of NXdetector `pixel_mask` (NXdetector.nxdl.xml, NeXus 2026).
public struct NexusPixelStatus: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// No sensor: a space between chips or modules.
    public static let gap = NexusPixelStatus(rawValue: 1 << 0)
    public static let dead = NexusPixelStatus(rawValue: 1 << 1)
    public static let underResponding = NexusPixelStatus(rawValue: 1 << 2)
    public static let overResponding = NexusPixelStatus(rawValue: 1 << 3)
    public static let noisy = NexusPixelStatus(rawValue: 1 << 4)
    public static let badCluster = NexusPixelStatus(rawValue: 1 << 6)
    public static let userMask = NexusPixelStatus(rawValue: 1 << 8)
    /// Interpolated between neighbours, still usable by the standard.
    public static let virtual = NexusPixelStatus(rawValue: 1 << 31)

    /// Bits 0 to 15: the standard asks to reject a pixel with any of them.
    public static let rejected = NexusPixelStatus(rawValue: 0xFFFF)
}

extension PixelMask {
    /// Masks what NXdetector `pixel_mask` rejects: any of bits 0 to 15.
    ///
    /// - Precondition: one value for each pixel, row-major.
    public init(shape: FrameShape, nexus values: [UInt32]) {
        self.init(shape: shape, storage: values.map { $0 & NexusPixelStatus.rejected.rawValue != 0 })
    }

    /// Masks what a CXI mask calls invalid, saturated, hot, dead, shadowed, in a peak mask, to be ignored, bad, missing,
    /// noisy or wrongly corrected (bits 0 to 7, 9, 10 and 12).
    ///
    /// A pixel beyond the resolution limit, with a corrected artefact, in a found peak, with the background subtracted or
    /// in the jet (bits 8, 11, 13, 14, 15) was measured and is kept. Source: the pixel masks of CXI (Maia 2012) as
    /// Cheetah writes them.
    ///
    /// - Precondition: one value for each pixel, row-major.
    public init(shape: FrameShape, cxi values: [UInt32]) {
        self.init(shape: shape, storage: values.map { $0 & 0x16FF != 0 })
    }

    /// NXdetector `pixel_mask` values, row-major: `status` where the mask masks, 0 elsewhere.
    public func nexusValues(_ status: NexusPixelStatus) -> [UInt32] {
        storage.map { $0 ? status.rawValue : 0 }
    }
}
