/// What a watcher tells about its tree.
enum WatchEvent: Sendable, Equatable {
    /// About how many files are told at once when a tree is gone through.
    static let batch = 500

    /// Files that may hold scans, as they are now.
    ///
    /// `live` files changed a moment ago; the others were found by going through the tree.
    case seen([SeenFile], live: Bool)
    /// A file that may have held scans was deleted or moved away.
    case gone(String)
    /// The whole tree has been gone through and is being watched.
    case listed
    /// Something that a person should know; it does not end the watch.
    case trouble(String)
}
