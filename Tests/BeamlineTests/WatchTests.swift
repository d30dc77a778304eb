import Conventions
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Beamline

/// Gathers what a watcher tells.
private final class Gatherer: Sendable {
    private struct State {
        var seen: Set<String> = []
        var gone: Set<String> = []
        var listed = 0
        /// Times that files were told which no event had named.
        var listings = 0
        var isOver = false
        var troubles: [String] = []
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)
    let watcher: TreeWatcher

    init(_ root: WatchedRoot, options: WatchOptions = WatchOptions(gatherMilliseconds: 5)) {
        watcher = TreeWatcher(root: root, options: options)
        let events = watcher.events
        task.withLock {
            $0 = Task { [weak self] in
                for await event in events { self?.take(event) }
                self?.state.withLock { $0.isOver = true }
            }
        }
    }

    deinit { watcher.end() }

    private func take(_ event: WatchEvent) {
        state.withLock { state in
            switch event {
            case .seen(let files, let live):
                state.seen.formUnion(files.map { AbsolutePath.name(of: $0.path) })
                if !live { state.listings += 1 }
            case .gone(let path): state.gone.insert(AbsolutePath.name(of: path))
            case .listed: state.listed += 1
            case .trouble(let text): state.troubles.append(text)
            }
        }
    }

    var seen: Set<String> { state.withLock { $0.seen } }
    var gone: Set<String> { state.withLock { $0.gone } }
    var troubles: [String] { state.withLock { $0.troubles } }
    var isListed: Bool { state.withLock { $0.listed > 0 } }
    var listings: Int { state.withLock { $0.listings } }
    var isOver: Bool { state.withLock { $0.isOver } }
}

@Suite struct WatchTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func root(_ events: WatchedRoot.Events) -> WatchedRoot {
        var root = WatchedRoot(path: directory.path)
        root.events = events
        return root
    }

    @Test(arguments: [WatchedRoot.Events.inotify, .poll])
    func tellsWhatIsThereAndWhatComes(events: WatchedRoot.Events) async throws {
        try directory.write("a/deep/there.h5")
        try directory.write("a/.hidden.h5")
        try directory.write(".git/inside.h5")
        try directory.write("a/there_inpainted.h5")
        try directory.write("a/notes.txt")
        let options = WatchOptions(gatherMilliseconds: 5, pollMilliseconds: 20)
        let gatherer = Gatherer(root(events), options: options)
        try await eventually("listed") { gatherer.isListed }
        #expect(gatherer.seen == ["there.h5"])

        try directory.write("a/new scan.npz")
        try directory.write("a/b/c/d/deeper.cxi")
        try directory.write("a/line\nbreak.nxs")
        try await eventually("new files") {
            gatherer.seen == ["there.h5", "new scan.npz", "deeper.cxi", "line\nbreak.nxs"]
        }
        try FileManager.default.removeItem(atPath: "\(directory.path)/a/new scan.npz")
        try await eventually("gone") { gatherer.gone == ["new scan.npz"] }
        #expect(gatherer.troubles.isEmpty)
    }

    @Test func noFileOfANewDirectoryIsMissed() async throws {
        let gatherer = Gatherer(root(.inotify))
        try await eventually("listed") { gatherer.isListed }
        var expected: Set<String> = []
        for number in 0..<200 {
            try directory.write("run\(number)/scan0001/deep/x\(number).h5")
            try directory.write("run\(number)/y\(number).h5")
            expected.formUnion(["x\(number).h5", "y\(number).h5"])
        }
        try await eventually("all files of directories made a moment before") { gatherer.seen == expected }
    }

    @Test func treesThatAreMovedInAndOutAreFollowed() async throws {
        let outside = try TemporaryDirectory()
        try outside.write("tree/sub/moved.h5")
        let gatherer = Gatherer(root(.inotify))
        try await eventually("listed") { gatherer.isListed }
        try FileManager.default.moveItem(atPath: "\(outside.path)/tree", toPath: "\(directory.path)/tree")
        try await eventually("moved in") { gatherer.seen.contains("moved.h5") }
        try FileManager.default.moveItem(atPath: "\(directory.path)/tree", toPath: "\(directory.path)/renamed")
        try await eventually("events below the new name") {
            try directory.write("renamed/sub/later.h5", "\(Int.random(in: 0..<1_000_000))")
            return gatherer.seen.contains("later.h5")
        }
        try FileManager.default.moveItem(
            atPath: "\(directory.path)/renamed/sub/later.h5", toPath: "\(directory.path)/final.h5"
        )
        try await eventually("renamed file") {
            gatherer.seen.contains("final.h5") && gatherer.gone.contains("later.h5")
        }
    }

    @Test func lostEventsLeadToANewListing() async throws {
        let limit = try #require(
            Int(
                try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            )
        )
        let isOpen = Mutex(false)
        let options = WatchOptions(gatherMilliseconds: 5) {
            while !isOpen.withLock({ $0 }) { usleep(1_000) }
        }
        let gatherer = Gatherer(root(.inotify), options: options)
        try await eventually("listed") { gatherer.isListed }
        let hidden = ["one", "two"].map { open("\(directory.path)/\($0)", O_WRONLY | O_CREAT, 0o600) }
        // Two files in turn, so that the kernel does not fold their events.
        for index in 0...limit {
            var byte: UInt8 = 1
            write(hidden[index % 2], &byte, 1)
        }
        try directory.write("lost.h5")
        isOpen.withLock { $0 = true }
        try await eventually("the file whose event was lost") { gatherer.seen.contains("lost.h5") }
        #expect(gatherer.troubles.contains { $0.contains("lost in a burst") })
        for descriptor in hidden { close(descriptor) }
    }

    /// What causes no event is found in time in a tree in which something happens all the time.
    @Test func aTreeThatIsNeverQuietIsGoneThroughAgain() async throws {
        try directory.write("there.h5")
        let options = WatchOptions(gatherMilliseconds: 5, relistMilliseconds: 100)
        let gatherer = Gatherer(root(.inotify), options: options)
        try await eventually("listed again", within: .seconds(30)) {
            try directory.write("busy.h5", "\(Int.random(in: 0..<1_000_000))")
            return gatherer.listings >= 3
        }
    }

    @Test func aWatchThatEndsGoesThroughNothing() async throws {
        try directory.write("there.h5")
        let gatherer = Gatherer(root(.inotify))
        try await eventually("listed") { gatherer.isListed && gatherer.listings == 1 }
        gatherer.watcher.end()
        try await eventually("it ends") { gatherer.isOver }
        #expect(gatherer.listings == 1)
    }

    @Test func pollsWhereTheKernelAllowsNoMoreWatches() async throws {
        try directory.write("a/b/there.h5")
        let options = WatchOptions(gatherMilliseconds: 5, pollMilliseconds: 20, watchLimit: 2)
        let gatherer = Gatherer(root(.inotify), options: options)
        try await eventually("listed") { gatherer.isListed }
        try directory.write("a/b/c/new.h5")
        try await eventually("polled") { gatherer.seen == ["there.h5", "new.h5"] }
        #expect(gatherer.troubles.count == 1)
        #expect(gatherer.troubles.first?.contains("max_user_watches") == true)
    }

    @Test func loopsOfLinksEnd() async throws {
        try directory.write("a/file.h5")
        try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/a/loop", withDestinationPath: directory.path
        )
        for events in [WatchedRoot.Events.inotify, .poll] {
            let gatherer = Gatherer(root(events))
            try await eventually("listed") { gatherer.isListed }
            #expect(gatherer.seen == ["file.h5"])
        }
    }

    @Test func namesThatAreNotTextAreToldOnce() async throws {
        let bytes: [UInt8] = Array("\(directory.path)/bad\u{01}".utf8).dropLast() + [0xff] + Array(".h5".utf8) + [0]
        let descriptor = bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o600) }
        }
        #expect(descriptor >= 0)
        let gatherer = Gatherer(root(.inotify))
        try await eventually("listed") { gatherer.isListed }
        for _ in 0..<5 {
            var byte: UInt8 = 1
            write(descriptor, &byte, 1)
        }
        try directory.write("after.h5")
        try await eventually("goes on") { gatherer.seen == ["after.h5"] }
        #expect(gatherer.troubles == ["the file name “bad\\xff.h5” is not UTF-8 and is left out"])
        close(descriptor)
    }

    @Test(arguments: [WatchedRoot.Events.inotify, .poll])
    func waitsForARootThatIsNotThere(events: WatchedRoot.Events) async throws {
        var root = WatchedRoot(path: "\(directory.path)/later")
        root.events = events
        let options = WatchOptions(gatherMilliseconds: 5, pollMilliseconds: 20, missingMilliseconds: 20)
        let gatherer = Gatherer(root, options: options)
        try await eventually("listed though missing") { gatherer.isListed && !gatherer.troubles.isEmpty }
        try directory.write("later/file.h5")
        try await eventually("found") { gatherer.seen == ["file.h5"] }
        try FileManager.default.removeItem(atPath: root.path)
        try await eventually("told as gone") { gatherer.troubles.count == 3 }
        try directory.write("later/again.h5")
        try await eventually("found again") { gatherer.seen.contains("again.h5") }
    }
}

@Suite struct FileSystemKindTests {
    private let mounts = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        40 22 0:45 / /data rw - nfs4 server:/data rw
        41 40 0:46 / /data/local\\040disk rw - xfs /dev/sdb1 rw
        42 22 0:47 / /gpfs rw - gpfs gpfs rw
        """

    @Test(arguments: [
        ("/home/x", "ext4", false), ("/data/id01/x", "nfs4", true), ("/data/local disk/x", "xfs", false),
        ("/database", "ext4", false), ("/gpfs", "gpfs", true),
    ])
    func kinds(path: String, kind: String, isRemote: Bool) {
        let found = FileSystemKind(of: path, mounts: mounts)
        #expect(found?.name == kind)
        #expect(found?.isRemote == isRemote)
    }

    @Test(
        arguments: [
            (WatchedRoot.Events.auto, "nfs4", false), (.auto, "fuse.sshfs", false), (.auto, "ext4", true),
            (.auto, nil, true), (.inotify, "nfs4", true), (.poll, "ext4", false),
        ] as [(WatchedRoot.Events, String?, Bool)])
    func remoteTreesArePolledUnlessTheConfigurationSaysOtherwise(
        events: WatchedRoot.Events, kind: String?, usesInotify: Bool
    ) {
        var root = WatchedRoot(path: "/data")
        root.events = events
        let kind = kind.flatMap { FileSystemKind(of: "/data", mounts: "1 0 0:1 / / rw - \($0) x rw") }
        #expect(TreeWatcher.usesInotify(root, kind: kind) == usesInotify)
    }
}
