internal import Settings
public import Volume
public import WorkMessages

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
    /// Whether its description says which values are flags, if only that there are none.
    public internal(set) var statesFlags = false

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

extension Detector {
    /// Takes over the keys of a description; what it leaves out stays as it is.
    ///
    /// Names, file patterns and bad parts are added to those known, everything else is replaced.
    mutating func read(_ keys: inout SettingsMapping) throws(SettingsError) {
        if let value = keys["description"] { description = try value.string() }
        if let value = keys["shape"] { shape = try value.shape() }
        if let value = keys["pixel_size_um"] { pixelSizeMetres = try value.pixelSize() }

        if let value = keys["names"] { names += try value.strings() }
        if let value = keys["file_patterns"] { filePatterns += try value.strings() }

        if let value = keys["sensor"] { sensor = try value.choice() }
        if let value = keys["modules"] { modules = try value.moduleGrid() }
        if let value = keys["bare"] { bare = try value.regions(in: shape) }
        if let value = keys["edges"] { edges = try value.regions(in: shape) }
        if let value = keys["bad"] { bad.add(try value.regions(in: shape)) }
        if let value = keys["edge_pixels"] { try readEdgePixels(value) }

        if let value = keys["saturation"] { saturation = try value.number(in: 1...1e18) }
        if let value = keys["flag_values"] { (flagValues, statesFlags) = (try value.flagValues(), true) }

        if let value = keys["enabled"] { isEnabled = try value.boolean() }
        if let value = keys["processing"] { try processing.read(value) }
    }

    private mutating func readEdgePixels(_ value: SettingsValue) throws(SettingsError) {
        (edgePixelFactor, edgePixelUse) = try value.mapping { (keys) throws(SettingsError) in
            (
                try keys["factor"]?.integer(in: 2...16) ?? edgePixelFactor,
                try keys["use"]?.choice() ?? edgePixelUse
            )
        }
        if edgePixelFactor == nil { throw value.error("the key “factor” is missing") }
    }

    /// Checks that the keys read so far describe a detector; `value` is where to point at.
    func validate(at value: SettingsValue) throws(SettingsError) {
        guard shape.count > 0 else { throw value.error("\(name): the key “shape” is missing") }
        guard pixelSizeMetres.slow > 0 else { throw value.error("\(name): the key “pixel_size_um” is missing") }
        for (key, regions) in [("bare", bare), ("edges", edges), ("bad", bad)] where !regions.fits(shape) {
            throw value.error("\(name): “\(key)” has lines outside of the image of \(shape)")
        }
        if let modules, !modules.tiles(shape) {
            throw value.error("\(name): modules of \(modules.size) with gaps of \(modules.gap) do not make up \(shape)")
        }
        if let factor = edgePixelFactor {
            guard let modules else { throw value.error("\(name): “edge_pixels” needs “modules”") }
            let gaps = modules.gapRows(in: shape) + modules.gapColumns(in: shape)
            if let gap = gaps.first(where: { $0.count < 2 * (factor - 1) }) {
                throw value.error("\(name): a gap of \(gap.count) is too narrow for edge pixels of \(factor)")
            }
        }
    }
}

extension SettingsValue {
    /// `[rows, columns]`.
    fileprivate func shape(least: Int = 1) throws(SettingsError) -> FrameShape {
        let extents = try list().map { (value) throws(SettingsError) in try value.integer(in: least...1_000_000) }
        guard extents.count == 2 else { throw error("expected [rows, columns]") }
        return FrameShape(rows: extents[0], columns: extents[1])
    }

    /// One number of micrometres for square pixels, or `[slow, fast]`.
    fileprivate func pixelSize() throws(SettingsError) -> Detector.PixelSize {
        let values = (try? list()) ?? [self]
        let metres = try values.map { (value) throws(SettingsError) in try value.number(in: 0.1...10_000) / 1e6 }
        guard let slow = metres.first, let fast = metres.last, metres.count <= 2 else {
            throw error("expected one number or [slow, fast]")
        }
        return Detector.PixelSize(slow: slow, fast: fast)
    }

    fileprivate func moduleGrid() throws(SettingsError) -> ModuleGrid {
        try mapping { (keys) throws(SettingsError) in
            let size = try keys.required("size").shape()
            return ModuleGrid(
                size: size,
                gap: try keys.required("gap").shape(least: 0),
                seams: try keys["seams"]?.regions(in: size) ?? MaskRegions()
            )
        }
    }

    fileprivate func flagValues() throws(SettingsError) -> [FlagValue] {
        try list().map { (value) throws(SettingsError) in
            try value.string() == "max" ? .typeMaximum : .value(try value.integer(in: Int.min...Int.max))
        }
    }
}

/// What a detector's description changes in the processing of its scans; `nil` leaves the global word in force.
public struct ProcessingOverrides: Hashable, Sendable {
    public var method: FillMethod?
    public var fineTune: FineTune?
    /// Misfit above which `fineTune: auto` fine-tunes; 1 is the limit set by photon noise.
    public var fineTuneAboveMisfit: Double?
    /// Bands wider than this, in pixels, stay masked.
    public var maximumGapPixels: Int?
    /// Absolute path of the network's weights.
    public var model: String?
    public var edgePixels: EdgePixels.Use?
    public var saturated: SaturatedVoxels?
    /// What one photon counts as in the recorded values.
    public var photonValue: Double?

    public init() {}

    /// Takes over the keys that the mapping gives.
    mutating func read(_ value: SettingsValue) throws(SettingsError) {
        self = try value.mapping { (keys) throws(SettingsError) in
            var overrides = self
            if let value = keys["method"] { overrides.method = try value.choice() }
            if let value = keys["fine_tune"] { overrides.fineTune = try value.choice() }
            if let value = keys["fine_tune_above_misfit"] {
                overrides.fineTuneAboveMisfit = try value.number(in: 0...1e9)
            }
            if let value = keys["max_gap_pixels"] { overrides.maximumGapPixels = try value.integer() }
            if let value = keys["model"] { overrides.model = try value.absolutePath() }
            if let value = keys["edge_pixels"] { overrides.edgePixels = try value.choice() }
            if let value = keys["saturated"] { overrides.saturated = try value.choice() }
            if let value = keys["photon_value"] { overrides.photonValue = try value.number(in: 1e-30...1e30) }
            return overrides
        }
    }
}

extension SettingsValue {
    fileprivate func absolutePath() throws(SettingsError) -> String {
        let path = try string()
        guard path.hasPrefix("/") else { throw error("“\(path)” is not an absolute path") }
        return path
    }
}
