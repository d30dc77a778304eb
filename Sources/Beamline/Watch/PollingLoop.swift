internal import Glibc

/// Goes through a tree again and again and tells what changed: for file systems that give no events.
final class PollingLoop {
    private let root: String
    private let options: WatchOptions
    private let stop: StopSignal
    private let tell: (WatchEvent) -> Void
    private var known: [String: FileStamp] = [:]
    private var reporter: TroubleReporter

    init(root: String, options: WatchOptions, stop: StopSignal, tell: @escaping (WatchEvent) -> Void) {
        self.root = root
        self.options = options
        self.stop = stop
        self.tell = tell
        reporter = TroubleReporter(tell: tell)
    }

    func run() {
        var isFirst = true
        while !stop.isRaised {
            let start = ContinuousClock.now
            let isThere = list(live: !isFirst)
            if isFirst { tell(.listed) }
            isFirst = false
            reporter.root(root, isThere: isThere)
            // A tree that takes long to go through is gone through less often: at most a twentieth of the time.
            let spent = (ContinuousClock.now - start) / .milliseconds(1)
            let interval = isThere ? options.pollMilliseconds : options.missingMilliseconds
            _ = stop.wait(milliseconds: max(interval, Int32(clamping: Int(spent * 20))))
        }
    }

    private func list(live: Bool) -> Bool {
        var found: [String: FileStamp] = [:]
        var changed: [SeenFile] = []
        var walker = TreeWalker()
        let isThere = walker.walk(root) { listing in
            reporter.names(listing)
            changed += listing.files.filter { known[$0.path] != $0.stamp }
            for file in listing.files { found[file.path] = file.stamp }
            if changed.count >= WatchEvent.batch {
                tell(.seen(changed, live: live))
                changed.removeAll(keepingCapacity: true)
            }
        }
        if !changed.isEmpty { tell(.seen(changed, live: live)) }
        for directory in walker.denied { reporter.denied(directory) }
        for path in known.keys where found[path] == nil { tell(.gone(path)) }
        known = found
        return isThere
    }
}

/// Goes through a directory tree, each directory once, however many links lead to it.
struct TreeWalker {
    private var visited: Set<DirectoryListing.Identity> = []
    /// Directories that this user may not read.
    private(set) var denied: [String] = []

    /// Lists `root` and everything below it.
    ///
    /// - Parameter listed: called with the content of each directory.
    /// - Returns: whether `root` could be listed.
    mutating func walk(_ root: String, listed: (DirectoryListing) -> Void) -> Bool {
        var pending = [root]
        var rootListed = false
        while let directory = pending.popLast() {
            guard let listing = DirectoryListing(directory) else {
                if errno == EACCES { denied.append(directory) }
                continue
            }
            if directory == root { rootListed = true }
            listed(listing)
            for (path, identity) in listing.directories where visited.insert(identity).inserted {
                pending.append(path)
            }
        }
        return rootListed
    }
}
