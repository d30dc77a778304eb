/// A bar of characters that fills up.
public enum TextBar {
    /// - Parameter width: in characters.
    public static func text(done: Int, total: Int, width: Int = 30) -> String {
        let filled = total > 0 ? min(width, max(0, width * done / total)) : 0
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }
}

/// Text for a shell.
public enum Shell {
    /// One word, quoted where that is needed.
    public static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "/._-+:@%".contains($0) }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
