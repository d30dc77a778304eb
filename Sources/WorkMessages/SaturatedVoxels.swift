/// What becomes of voxels that hold more than their detector counts rightly.
public enum SaturatedVoxels: String, Sendable, Codable, CaseIterable {
    /// They stand as recorded.
    case keep
    /// They are estimated, as gaps are.
    case replace
    /// They stand as recorded, and the output's mask excludes them.
    case mark
}
