internal import Foundation
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Watches one directory tree on a thread of its own and tells what happens in it.
///
/// The tree is gone through once at the start, so that everything which is there is seen, and again whenever events may
/// have been lost. A tree that does not exist yet, or vanishes, is waited for.
final class TreeWatcher: Sendable {
    let root: WatchedRoot
    let events: AsyncStream<WatchEvent>
    private let stop: StopSignal

    /// - Parameters:
    ///   - options: intervals and limits.
    init(root: WatchedRoot, options: WatchOptions = WatchOptions()) {
        self.root = root
        let (events, continuation) = AsyncStream.makeStream(of: WatchEvent.self)
        self.events = events
        let stop = StopSignal()
        self.stop = stop
        let thread = Thread {
            Self.watch(root, options: options, stop: stop) { continuation.yield($0) }
            continuation.finish()
        }
        thread.name = "watch \(root.path)"
        thread.start()
    }

    deinit { stop.raise() }

    /// Ends the watch; the events end soon after.
    func end() { stop.raise() }

    private static func watch(
        _ root: WatchedRoot, options: WatchOptions, stop: StopSignal, tell: @escaping (WatchEvent) -> Void
    ) {
        guard Self.usesInotify(root) else {
            PollingLoop(root: root.path, options: options, stop: stop, tell: tell).run()
            return
        }
        let limit: Errno?
        do {
            let inotify = try Inotify(watchLimit: options.watchLimit)
            limit = InotifyLoop(root: root.path, options: options, stop: stop, tell: tell).run(inotify)
        } catch {
            limit = error
        }
        guard !stop.isRaised, let limit else { return }
        tell(
            .trouble(
                "\(root.path) is polled from now on, since the kernel allows no more inotify watches (\(limit)); "
                    + "raise fs.inotify.max_user_watches and max_user_instances"
            )
        )
        PollingLoop(root: root.path, options: options, stop: stop, tell: tell).run()
    }

    /// Whether the kernel tells what changes in a tree; otherwise it is polled.
    ///
    /// - Parameter kind: of the file system on which the tree lies.
    static func usesInotify(_ root: WatchedRoot, kind: FileSystemKind?) -> Bool {
        switch root.events {
        case .inotify: true
        case .poll: false
        case .auto: !(kind?.isRemote ?? false)
        }
    }

    static func usesInotify(_ root: WatchedRoot) -> Bool {
        usesInotify(root, kind: FileSystemKind(of: root.path))
    }
}

/// Intervals and limits of a watch.
struct WatchOptions: Sendable {
    /// How long events gather before they are told; a file that is being written changes many times a second.
    var gatherMilliseconds: Int32 = 50
    /// How often a tree without events is gone through; longer where that takes long.
    var pollMilliseconds: Int32 = 2_000
    /// How often a missing root is looked for.
    var missingMilliseconds: Int32 = 5_000
    /// How often a tree with events is gone through nevertheless, since mounts and remote writers cause none.
    var relistMilliseconds: Int32 = 15 * 60_000
    /// Watches after which the kernel's limit is played, for tests.
    var watchLimit = Int.max
    /// Called before events are read, for tests that let the queue overflow.
    var beforeReading: (@Sendable () -> Void)?
}

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
        let wait = access(root, F_OK) == 0 ? "cannot be read; it is waited for" : "is not there yet; it is waited for"
        tell(.trouble(isThere ? "\(root) can be read now" : "\(root) \(wait)"))
    }
}
