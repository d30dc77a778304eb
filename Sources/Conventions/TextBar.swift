/// A bar of characters that fills up.
public enum TextBar {
    /// - Parameter width: in characters.
    public static func text(done: Int, total: Int, width: Int = 30) -> String {
        let filled = total > 0 ? min(width, max(0, width * done / total)) : 0
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }
}
