/// What makes a scan worth filling.
public enum RockingScan {
    /// Frames that an aborted scan must have to be worth it.
    public static let fewestFrames = 3
}
