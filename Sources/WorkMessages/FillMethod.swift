/// The ways to estimate what a gap would have measured.
public enum FillMethod: String, Sendable, Codable, CaseIterable {
    /// The best that ships, whatever it combines.
    case network
    case kriging
    /// Straight across the gap, on log(1+I).
    case linear
    /// Along a cubic across the gap, on log(1+I).
    case cubic
    /// The nearest measured pixel.
    case nearest
}

/// When a network is trained further on the scan's own gap-free regions before it fills the gaps.
public enum FineTune: String, Sendable, Codable, CaseIterable {
    case off
    /// Only when the measured misfit is above the threshold.
    case auto
    case always
}
