/// Whether the fill of a gap can be relied on.
public enum FillVerdict: String, Codable, Sendable, CaseIterable {
    /// As good as photon noise allows, or nearly so.
    case trust
    /// It tells between which bounds the counts lie, and no more.
    case boundsOnly = "bounds only"
    /// It tells next to nothing.
    case leaveFree = "leave free"
    /// Nothing in the scan tells how good it is.
    case unknown
}

/// How well one gap of a scan is filled.
public struct GapReport: Codable, Sendable, Equatable {
    /// e.g. `rows 254:260`.
    public var name: String
    /// Pixels across it.
    public var width: Int
    public var filledVoxels: Int
    /// The correlation of log(1+I) with what would be measured, as the filler's own uncertainties tell; `nil` where it
    /// states none.
    @OrNull public var expectedPCC: Double? = nil
    /// What a perfect fill would reach, which misses photon noise alone.
    @OrNull public var attainablePCC: Double? = nil
    /// By how much the intensity of hidden gaps of this width was overestimated, e.g. 0.48; `nil` where none was hidden.
    @OrNull public var intensityBias: Double? = nil
    /// Gaps of this width that were hidden and compared with what was measured.
    public var samples: Int
    public var verdict: FillVerdict
    /// What decided, for people.
    public var reason: String

    public init(name: String, width: Int, filledVoxels: Int, samples: Int, verdict: FillVerdict, reason: String) {
        self.name = name
        self.width = width
        self.filledVoxels = filledVoxels
        self.samples = samples
        self.verdict = verdict
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case name, width, samples, verdict, reason
        case filledVoxels = "filled_voxels"
        case expectedPCC = "expected_pcc"
        case attainablePCC = "attainable_pcc"
        case intensityBias = "intensity_bias"
    }

    /// One line, e.g. `rows 254:260, 6 px: trust (PCC 0.953 of 0.968)`.
    public var line: String { "\(name), \(width) px: \(verdict.rawValue) (\(reason))" }
}

extension [GapReport] {
    /// All verdicts in a few words, e.g. “trust 6 px, leave free 41 px”; empty where no gap was filled.
    public var summary: String {
        FillVerdict.allCases.compactMap { verdict in
            let widths = Set(filter { $0.verdict == verdict }.map(\.width)).sorted()
            guard !widths.isEmpty else { return nil }
            return "\(verdict.rawValue) \(widths.map(String.init).joined(separator: ", ")) px"
        }.joined(separator: "; ")
    }
}
