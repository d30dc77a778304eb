internal import Foundation

/// The watchers of all trees, which all tell the examiner what they see.
actor WatcherGroup {
    private let examiner: Examiner
    private let journal: Journal
    private let manager: any ServiceManager
    private let options: WatchOptions
    private let onAllListed: @Sendable () -> Void
    private var watchers: [String: (watcher: TreeWatcher, pump: Task<Void, Never>)] = [:]
    private var unlisted: Set<String> = []
    private var wasListed = false

    /// - Parameter onAllListed: called once, when the watches of all trees stand and all that is there has been told.
    init(
        examiner: Examiner, journal: Journal, manager: any ServiceManager, options: WatchOptions = WatchOptions(),
        onAllListed: @escaping @Sendable () -> Void
    ) {
        self.examiner = examiner
        self.journal = journal
        self.manager = manager
        self.options = options
        self.onAllListed = onAllListed
    }

    /// Whether everything that was there at the start has been told.
    var isListed: Bool { wasListed }

    /// Watches these trees from now on: new ones are begun, others ended, unchanged ones kept.
    func use(_ roots: [WatchedRoot]) {
        for (path, entry) in watchers {
            let wanted = roots.first { $0.path == path }
            guard wanted?.events != entry.watcher.root.events || wanted?.paths != entry.watcher.root.paths else {
                continue
            }
            entry.watcher.end()
            entry.pump.cancel()
            watchers[path] = nil
            unlisted.remove(path)
        }
        for root in roots where watchers[root.path] == nil {
            unlisted.insert(root.path)
            let watcher = TreeWatcher(root: root, options: options)
            watchers[root.path] = (watcher, Task { await pump(watcher) })
        }
        if roots.isEmpty { allListed() }
    }

    func end() {
        wasListed = true
        use([])
    }

    private func pump(_ watcher: TreeWatcher) async {
        for await event in watcher.events {
            // Going through a large tree on a slow file system may take longer than the service manager waits.
            if !wasListed { manager.extendStart(bySeconds: 60) }
            guard await tell(event, of: watcher.root) else { return }
            if event == .listed { listed(watcher.root.path) }
        }
    }

    /// Tells the examiner until it can take it, since nobody tells the same again; false when the task is cancelled.
    private func tell(_ event: WatchEvent, of root: WatchedRoot) async -> Bool {
        while !Task.isCancelled {
            do {
                try await examiner.receive(event)
                return true
            } catch {
                if Task.isCancelled { return false }
                journal.error("what happened in \(root.path) cannot be taken up: \(error)")
                try? await Task.sleep(for: .seconds(Examiner.troublePause))
            }
        }
        return false
    }

    private func listed(_ path: String) {
        unlisted.remove(path)
        allListed()
    }

    private func allListed() {
        guard unlisted.isEmpty, !wasListed else { return }
        wasListed = true
        onAllListed()
    }
}
