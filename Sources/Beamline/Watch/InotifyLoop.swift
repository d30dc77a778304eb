internal import Conventions
internal import Glibc
internal import SystemPackage

/// Follows a tree by inotify: one watch for each directory, each set before the directory is listed.
final class InotifyLoop {
    private let root: String
    private let options: WatchOptions
    private let stop: StopSignal
    private let tell: (WatchEvent) -> Void
    private var reporter: TroubleReporter
    private var directories: [Int32: String] = [:]
    private var watches: [String: Int32] = [:]
    private var limit: Errno?

    init(root: String, options: WatchOptions, stop: StopSignal, tell: @escaping (WatchEvent) -> Void) {
        self.root = root
        self.options = options
        self.stop = stop
        self.tell = tell
        reporter = TroubleReporter(tell: tell)
    }

    /// Runs until the stop signal, or until the kernel allows no more watches.
    ///
    /// - Returns: why it allows no more.
    func run(_ inotify: borrowing Inotify) -> Errno? {
        list(inotify)
        tell(.listed)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { buffer.deallocate() }
        var listedAt = ContinuousClock.now
        while !stop.isRaised, limit == nil {
            let isThere = watches[root] != nil
            reporter.root(root, isThere: isThere)
            // However much happens meanwhile: what causes no event is found in time all the same.
            let patience = isThere ? options.relistMilliseconds : options.missingMilliseconds
            let left = Duration.milliseconds(patience) - (ContinuousClock.now - listedAt)
            guard left > .zero else {
                list(inotify)
                listedAt = .now
                continue
            }
            let milliseconds = Int32(clamping: Int((left / .milliseconds(1)).rounded(.up)))
            guard stop.wait(for: inotify.descriptor, milliseconds: milliseconds) else { continue }
            // Let a burst gather: the kernel folds equal events, and each file is told once.
            _ = stop.wait(milliseconds: options.gatherMilliseconds)
            options.beforeReading?()
            handle(inotify.read(into: buffer), inotify)
        }
        return limit
    }

    /// Goes through the whole tree and forgets watches of directories that are not there any more.
    private func list(_ inotify: borrowing Inotify) {
        let before = Set(watches.keys)
        var met: Set<String> = []
        add(root, inotify, live: false) { met.insert($0) }
        for path in before.subtracting(met) { removeWatch(of: path, inotify) }
    }

    /// Watches and lists a directory and everything below it.
    private func add(_ top: String, _ inotify: borrowing Inotify, live: Bool, met: (String) -> Void = { _ in }) {
        var pending = [top]
        var files: [SeenFile] = []
        while let directory = pending.popLast(), limit == nil {
            guard watch(directory, inotify) else { continue }
            met(directory)
            guard let listing = DirectoryListing(directory) else {
                forget(directory, inotify)
                continue
            }
            reporter.names(listing)
            pending += listing.directories.map(\.path)
            files += listing.files
            if files.count >= WatchEvent.batch {
                tell(.seen(files, live: live))
                files.removeAll(keepingCapacity: true)
            }
        }
        if !files.isEmpty { tell(.seen(files, live: live)) }
    }

    /// Sets the watch of a directory; false where there is none to set, or where it is watched by another path.
    private func watch(_ directory: String, _ inotify: borrowing Inotify) -> Bool {
        do {
            let count = watches[directory] == nil ? watches.count : 0
            let watch = try inotify.watch(directory, mask: mask(for: directory), count: count)
            if let known = directories[watch], known != directory {
                // Two links lead to one directory, which may be a loop; the first path stays while it is valid.
                guard DirectoryIdentity(known) != DirectoryIdentity(directory) else { return false }
                watches[known] = nil
            }
            directories[watch] = directory
            watches[directory] = watch
            return true
        } catch {
            if error == .noSpace || error == .noMemory { limit = error }
            if error == .permissionDenied { reporter.denied(directory) }
            return false
        }
    }

    /// A detector file grows many times a second, and only its end matters; a master tells of each scan as it grows.
    private func mask(for directory: String) -> UInt32 {
        var mask = UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
        mask |= UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_ATTRIB)
        if !FileNames.isScanDirectory(AbsolutePath.name(of: directory)) { mask |= UInt32(IN_MODIFY) }
        return mask
    }

    private func handle(_ events: [Inotify.Event], _ inotify: borrowing Inotify) {
        var changed: Set<String> = []
        for event in events {
            if event.has(Int32(IN_Q_OVERFLOW)) {
                tell(.trouble("events of \(root) were lost in a burst; the tree is gone through again"))
                list(inotify)
                continue
            }
            guard let directory = directories[event.watch] else { continue }
            if event.name.isEmpty {
                if event.has(Int32(IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
                    forget(directory, inotify)
                }
                continue
            }
            guard let name = String(validating: event.name, as: UTF8.self) else {
                reporter.name(EscapedName.text(event.name))
                continue
            }
            let path = AbsolutePath.joined(directory, name)
            let isGone = event.has(Int32(IN_MOVED_FROM | IN_DELETE))
            if event.has(UInt32(IN_ISDIR)) {
                if isGone {
                    forget(path, inotify)
                } else if FileNames.isTraversed(name), watches[path] == nil || !event.has(Int32(IN_ATTRIB)) {
                    add(path, inotify, live: true)
                }
            } else if FileNames.mayHoldScan(name) {
                // A change of rights counts, too: what could not be read may be readable now.
                if isGone {
                    changed.remove(path)
                    tell(.gone(path))
                } else {
                    changed.insert(path)
                }
            } else if event.has(Int32(IN_CREATE | IN_MOVED_TO)), DirectoryIdentity(path) != nil,
                FileNames.isTraversed(name)
            {
                // A link to a directory.
                add(path, inotify, live: true)
            }
        }
        let files = changed.compactMap { path in
            (try? FileStamp.read(path)).flatMap { $0 }.map { SeenFile(path: path, stamp: $0) }
        }
        if !files.isEmpty { tell(.seen(files, live: true)) }
    }

    /// Drops the watches of a directory that is gone, and of all below it.
    private func forget(_ directory: String, _ inotify: borrowing Inotify) {
        guard watches[directory] != nil else { return }
        let below = watches.keys.filter { $0 == directory || $0.hasPrefix(directory + "/") }
        for path in below { removeWatch(of: path, inotify) }
    }

    private func removeWatch(of path: String, _ inotify: borrowing Inotify) {
        guard let watch = watches.removeValue(forKey: path) else { return }
        directories[watch] = nil
        inotify.remove(watch)
    }
}

/// A directory on its file system, however it is reached.
typealias DirectoryIdentity = DirectoryListing.Identity

extension DirectoryIdentity {
    /// `nil` where the path is no directory.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

/// An inotify instance: the kernel's queue of changes in watched directories.
struct Inotify: ~Copyable {
    /// One change, as the kernel reports it.
    struct Event {
        var watch: Int32
        var mask: UInt32
        /// Name in the watched directory; empty for a change of the directory itself.
        var name: [UInt8]

        func has(_ flag: Int32) -> Bool { mask & UInt32(bitPattern: flag) != 0 }
        func has(_ flag: UInt32) -> Bool { mask & flag != 0 }
    }

    let descriptor: Int32
    /// Refuses more watches than this, to try out what the kernel does at its limit.
    private let watchLimit: Int

    /// - Throws: the error number, e.g. `EMFILE` at the user's limit of instances.
    init(watchLimit: Int = .max) throws(Errno) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        self.watchLimit = watchLimit
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit { close(descriptor) }

    /// Watches a directory; one that is watched already keeps its number.
    func watch(_ directory: String, mask: UInt32, count: Int) throws(Errno) -> Int32 {
        guard count < watchLimit else { throw .noSpace }
        let watch = inotify_add_watch(descriptor, directory, mask)
        guard watch >= 0 else { throw Errno(rawValue: errno) }
        return watch
    }

    func remove(_ watch: Int32) {
        inotify_rm_watch(descriptor, watch)
    }

    /// Everything that is in the queue now.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> [Event] {
        var events: [Event] = []
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return events }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let header = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let start = offset + MemoryLayout<inotify_event>.size
                let name = buffer[start..<start + Int(header.len)].prefix { $0 != 0 }
                events.append(Event(watch: header.wd, mask: header.mask, name: Array(name)))
                offset = start + Int(header.len)
            }
        }
    }
}

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
