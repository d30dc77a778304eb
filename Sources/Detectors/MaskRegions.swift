internal import Settings
public import Volume

/// Parts of an image to mask: whole rows, whole columns and rectangles, all half-open.
public struct MaskRegions: Hashable, Sendable {
    /// A rectangle of pixels.
    public struct Block: Hashable, Sendable {
        public var rows: Range<Int>
        public var columns: Range<Int>

        public init(rows: Range<Int>, columns: Range<Int>) {
            self.rows = rows
            self.columns = columns
        }
    }

    public var rows: [Range<Int>]
    public var columns: [Range<Int>]
    /// Rectangles; a single pixel is one of 1x1.
    public var blocks: [Block]

    public init(rows: [Range<Int>] = [], columns: [Range<Int>] = [], blocks: [Block] = []) {
        self.rows = rows
        self.columns = columns
        self.blocks = blocks
    }

    /// Adds what the other has and this one lacks.
    mutating func add(_ other: MaskRegions) {
        rows += other.rows.filter { !rows.contains($0) }
        columns += other.columns.filter { !columns.contains($0) }
        blocks += other.blocks.filter { !blocks.contains($0) }
    }

    /// Whether every part lies inside of an image.
    func fits(_ shape: FrameShape) -> Bool {
        rows.allSatisfy { $0.upperBound <= shape.rows }
            && columns.allSatisfy { $0.upperBound <= shape.columns }
            && blocks.allSatisfy { $0.rows.upperBound <= shape.rows && $0.columns.upperBound <= shape.columns }
    }
}

extension PixelMask {
    /// Masks all the regions.
    mutating func mask(_ regions: MaskRegions) {
        for rows in regions.rows { mask(rows: rows) }
        for columns in regions.columns { mask(columns: columns) }
        for block in regions.blocks { mask(rows: block.rows, columns: block.columns) }
    }
}

extension SettingsValue {
    /// Lines and rectangles as Python writes them, counted from 0 and half-open: `rows: [12, 255:261]`,
    /// `blocks: ["0:257, 72:80"]`, `pixels: ["12, 45"]`.
    ///
    /// - Parameter shape: the image; one of no pixels is not known yet, and then nothing is out of it.
    func regions(in shape: FrameShape) throws(SettingsError) -> MaskRegions {
        let rowCount = shape.count > 0 ? shape.rows : Int.max
        let columnCount = shape.count > 0 ? shape.columns : Int.max
        return try mapping { (keys) throws(SettingsError) in
            var regions = MaskRegions()
            for value in try keys["rows"]?.list() ?? [] {
                regions.rows.append(try value.lines(of: "row", count: rowCount))
            }
            for value in try keys["columns"]?.list() ?? [] {
                regions.columns.append(try value.lines(of: "column", count: columnCount))
            }
            for key in ["blocks", "pixels"] {
                for value in try keys[key]?.list() ?? [] {
                    let parts = try value.string().split(separator: ",", omittingEmptySubsequences: false)
                    guard parts.count == 2 else { throw value.error("expected “rows, columns”, e.g. 0:257, 72:80") }
                    let block = MaskRegions.Block(
                        rows: try value.lines(parts[0], of: "row", count: rowCount),
                        columns: try value.lines(parts[1], of: "column", count: columnCount)
                    )
                    guard key == "blocks" || block.rows.count * block.columns.count == 1 else {
                        throw value.error("expected one pixel, e.g. 12, 45; use “blocks” for more")
                    }
                    regions.blocks.append(block)
                }
            }
            return regions
        }
    }

    private func lines(of axis: String, count: Int) throws(SettingsError) -> Range<Int> {
        try lines(try string()[...], of: axis, count: count)
    }

    /// `12` or `255:261`.
    private func lines(_ text: Substring, of axis: String, count: Int) throws(SettingsError) -> Range<Int> {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let bounds = parts.compactMap { Int($0.filter { $0 != " " }) }
        guard let first = bounds.first, let last = bounds.last, bounds.count == parts.count, bounds.count <= 2 else {
            throw error("“\(text)” is neither a \(axis), e.g. 12, nor several, e.g. 255:261")
        }
        guard first >= 0, bounds.count == 1 || first < last else { throw error("“\(text)” holds no \(axis)") }
        guard bounds.count == 1 ? last < count : last <= count else {
            throw error("“\(text)” lies outside of the \(count) \(axis)s of the image")
        }
        return first..<(bounds.count == 1 ? last + 1 : last)
    }
}

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
