internal import Settings
internal import Volume

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
        if let value = keys["flag_values"] { flagValues = try value.flagValues() }

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
    func strings() throws(SettingsError) -> [String] {
        try list().map { (value) throws(SettingsError) in try value.string() }
    }

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
