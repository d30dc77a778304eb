import Foundation
import Testing

/// The daemon survives all bad inputs together and does the good scans among them.
@Suite struct BadInputDaemonTests {
    @Test func theDaemonOutlivesAllBadInputs() async throws {
        try await withTemporaryDirectory { root in
            defer { allowRemoval(of: root) }
            let tree = try await aside { try BadInputTree(in: root) }
            let before = try tree.rawFiles()
            let daemon = try DaemonProcess(in: root, name: "daemon")
            let status = try #require(try await daemon.wait { tree.isSettled($0.counts) }, "\(daemon.journal)")
            #expect(tree.isSettled(status.counts), "\(status.counts), expected \(tree.expected)\n\(daemon.journal)")
            #expect(status.running && daemon.isRunning)
            for scan in status.failed { #expect(scan.state == "quarantined" && scan.reason?.isEmpty == false) }
            #expect(status.failed.count == tree.expected["quarantined"])
            #expect(try await daemon.end() == 0)

            let journal = daemon.journal
            for (input, path) in tree.inputs { check(input, at: path, in: journal) }
            for scan in tree.good { #expect(FileManager.default.fileExists(atPath: scan), "\(scan)") }
            #expect(journal.split(separator: "tiny\\xff.npy").count == 2)
            #expect(journal.contains("/missing is not there yet; it is waited for"))
            #expect(try tree.rawFiles() == before)
            #expect(try tree.temporaries() == [])

            let once = try DaemonProcess(in: root, name: "once", arguments: ["--once"])
            // Some scans are quarantined, which the batch says by its exit status.
            #expect(try await once.waitForEnd() == 3, "\(once.journal)")
            #expect(try tree.rawFiles() == before)
            #expect(try tree.temporaries() == [])
        }
    }

    private func check(_ input: BadInput, at path: String, in journal: String) {
        let shown = path.replacing("\n", with: "\\n")
        let lines = journal.split(separator: "\n").filter { $0.contains(shown) }
        switch input.fate {
        case .done:
            #expect(lines.contains { $0.contains(" done: ") }, "\(input.name): \(lines)")
        case .quarantined:
            let line = lines.last { $0.contains(" quarantined after 2 attempts: ") } ?? ""
            #expect(!line.isEmpty, "\(input.name): \(lines)")
            for fragment in input.says { #expect(line.contains(fragment), "\(input.name): \(line)") }
            if let other = input.names { #expect(line.contains(other), "\(input.name): \(line)") }
        case .skipped:
            #expect(lines.contains { $0.contains(" skipped: ") }, "\(input.name): \(lines)")
        case .waiting, .passed, .byHandOnly:
            #expect(lines.isEmpty, "\(input.name): \(lines)")
        }
    }

    private func allowRemoval(of root: URL) {
        _ = try? LacunaProcess.runNow(URL(filePath: "/bin/chmod"), ["-R", "u+rwX", root.path(percentEncoded: false)])
        _ = try? LacunaProcess.runNow(URL(filePath: "/bin/rm"), ["-rf", root.path(percentEncoded: false)])
    }
}

/// A tree with every bad input that can lie in one, each in its own directory, and two good scans.
private struct BadInputTree: Sendable {
    let root: URL
    private(set) var inputs: [(input: BadInput, path: String)] = []
    /// The outputs of the good scans.
    private(set) var good: [String] = []
    /// How many scans have to end in each state.
    private(set) var expected: [String: Int] = ["done": 2, "quarantined": 0, "skipped": 0, "waiting": 0]

    private var tree: String { root.path(percentEncoded: false) + "/tree" }

    init(in root: URL) throws {
        self.root = root
        let detectors = try SmallScan.describeDetectors(in: root)
        func place(_ directory: String, _ file: String) throws -> BadInputPlace {
            let directory = root.appending(path: "tree/\(directory)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            return BadInputPlace(directory: directory, name: file, detectors: detectors)
        }
        for input in BadInput.all where input.fate != .byHandOnly && (!input.asNobody || Nobody.isPossible) {
            let place = try place("case\(input.index)", input.file)
            try input.make(place)
            inputs.append((input, place.path))
            if input.fate != .passed { expected[input.fate.rawValue, default: 0] += 1 }
        }
        let first = try place("good1", "scan.h5")
        try SmallScan.nexus(first.path)
        let second = try place("good2", "crystal/crystal_0001/crystal_0001.h5")
        try second.simulate()
        good = [
            first.path("scan_inpainted.h5"), second.path("crystal/crystal_0001/crystal_0001_scan0001_inpainted.h5"),
        ]
        // A name that is no text, and links to directories that lead back into the tree.
        close(open(Array("\(tree)/good1/tiny".utf8CString.dropLast()) + [-1] + ".npy".utf8CString, O_CREAT, 0o644))
        symlink("..", "\(tree)/good1/up")
        symlink("loop", "\(tree)/good1/loop")
    }

    func isSettled(_ counts: [String: Int]) -> Bool {
        counts.filter { $0.value > 0 } == expected.filter { $0.value > 0 }
    }

    private func names() throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: tree)
        return names.filter { !$0.hasPrefix("good1/up") }
    }

    /// Size and time of everything that Lacuna did not write.
    func rawFiles() throws -> [String: String] {
        var files: [String: String] = [:]
        for name in try names() where !name.hasSuffix("_inpainted.h5") {
            var status = stat()
            guard lstat(tree + "/" + name, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { continue }
            files[name] = "\(status.st_mode) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        }
        return files
    }

    /// Hidden files.
    func temporaries() throws -> [String] {
        try names().filter { $0.split(separator: "/").last?.hasPrefix(".") ?? false }
    }
}
