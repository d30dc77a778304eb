/// How much time a network may take for the best result.
public enum FillQuality: String, Sendable, Codable, CaseIterable {
    /// The least time.
    case fast
    case standard
    /// The mean over mirror images.
    case best
}
