internal import Settings
public import WorkMessages

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
