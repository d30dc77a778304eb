public import Volume

/// A pixel detector: its geometry, where it sees nothing, and what it is recognised by. Axes are (slow = row, fast = column).
public struct Detector: Hashable, Sendable {
    /// The distance between two pixel centres in metres.
    public struct PixelSize: Hashable, Sendable, Codable {
        /// Along a column, from row to row.
        public var slow: Double
        /// Along a row, from column to column.
        public var fast: Double
    }

    /// How much of the surroundings of a gap its mask takes in.
    public enum MaskForm: String, Hashable, Sendable, Codable, CaseIterable {
        /// Pixels without sensor only.
        case bare
        /// The enlarged pixels along the gaps too.
        case edges
    }

    /// The name it is listed under, e.g. `maxipix-2x2`; it is recognised by it, too.
    public let name: String
    public internal(set) var description = ""
    /// The whole image as the detector reads it out.
    public internal(set) var shape = FrameShape(rows: 0, columns: 0)
    public internal(set) var pixelSizeMetres = PixelSize(slow: 0, fast: 0)

    /// Further names and phrases that it is recognised by, in whatever case and punctuation.
    public internal(set) var names: [String] = []
    /// Patterns (`*`, `?`) of names of files that hold its frames.
    public internal(set) var filePatterns: [String] = []

    /// What the sensor is made of; `nil` where it makes no difference to the image.
    public internal(set) var sensor: SensorMaterial?
    public internal(set) var modules: ModuleGrid?
    /// Parts without sensor that `modules` does not tell.
    public internal(set) var bare = MaskRegions()
    /// Parts along the gaps that consumers mask beyond the bare gaps.
    public internal(set) var edges = MaskRegions()
    /// Broken parts of this very unit.
    public internal(set) var bad = MaskRegions()
    /// Width in pixels of the enlarged pixels along the gaps between modules, where these still count.
    public internal(set) var edgePixelFactor: Int?
    public internal(set) var edgePixelUse = EdgePixels.Use.auto

    /// Counts per pixel and frame from which on a value cannot be trusted.
    public internal(set) var saturation: Double?
    public internal(set) var flagValues: [FlagValue] = []

    /// False where staff want its scans to be left alone.
    public internal(set) var isEnabled = true
    public internal(set) var processing = ProcessingOverrides()
    /// The files it is described in: the base, then those that override it.
    public internal(set) var sources: [String] = []

    init(name: String) { self.name = name }
}

extension Detector {
    /// `edges` where it differs from `bare`.
    public var defaultForm: MaskForm { edgePixelFactor == nil && edges == MaskRegions() ? .bare : .edges }

    /// What is to be filled: the mask of the default form.
    public var defaultMask: PixelMask { mask(defaultForm) }

    /// The gaps in the given form and what is broken.
    public func mask(_ form: MaskForm) -> PixelMask {
        var mask = gapMask(form)
        mask.mask(bad)
        return mask
    }

    /// The gaps alone.
    public func gapMask(_ form: MaskForm) -> PixelMask {
        var mask = PixelMask(shape: shape)
        if let modules { mask.mask(modules.regions(in: shape)) }
        mask.mask(bare)
        guard form == .edges else { return mask }
        mask.mask(edges)
        for line in edgePixels?.lines ?? [] {
            switch line.axis {
            case .row: mask.mask(rows: line.index..<line.index + 1)
            case .column: mask.mask(columns: line.index..<line.index + 1)
            }
        }
        return mask
    }

    /// What is broken.
    public var badMask: PixelMask {
        var mask = PixelMask(shape: shape)
        mask.mask(bad)
        return mask
    }

    /// The enlarged pixels along the gaps between modules; `nil` where there are none or nothing is known of them.
    public var edgePixels: EdgePixels? {
        guard let modules, let factor = edgePixelFactor else { return nil }
        let gaps =
            modules.gapRows(in: shape).map { GapBand(axis: .row, range: $0) }
            + modules.gapColumns(in: shape).map { GapBand(axis: .column, range: $0) }
        return EdgePixels(factor: factor, lines: gaps.flatMap { EdgePixels.Line.beside($0, factor: factor) })
    }
}
