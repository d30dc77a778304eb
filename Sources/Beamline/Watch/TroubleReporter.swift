/// Tells each trouble of a watch once.
struct TroubleReporter {
    private let tell: (WatchEvent) -> Void
    private var toldNames: Set<String> = []
    private var toldDirectories: Set<String> = []
    private var rootIsThere = true

    init(tell: @escaping (WatchEvent) -> Void) {
        self.tell = tell
    }

    /// Names that cannot be handled.
    mutating func names(_ listing: DirectoryListing) {
        for name in listing.unreadableNames { self.name(name) }
    }

    mutating func name(_ name: String) {
        guard toldNames.insert(name).inserted else { return }
        tell(.trouble("the file name “\(name)” is not UTF-8 and is left out"))
    }

    /// A directory that this user may not read.
    mutating func denied(_ directory: String) {
        guard toldDirectories.insert(directory).inserted else { return }
        tell(.trouble("\(directory) may not be read by the user of the daemon; what lands in it is not seen"))
    }

    /// Whether the watched root can be read now.
    mutating func root(_ root: String, isThere: Bool) {
        guard isThere != rootIsThere else { return }
        rootIsThere = isThere
        tell(.trouble(isThere ? "\(root) can be read now" : "\(root) cannot be read; it is waited for"))
    }
}
