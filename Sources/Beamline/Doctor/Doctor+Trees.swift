internal import Conventions
internal import Foundation
internal import Glibc
internal import StatusSite
internal import WorkMessages

extension Doctor {
    /// The watched trees, where their outputs go, and whether the kernel lets them all be watched.
    func trees(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        var watched = 0
        for root in configuration.roots {
            let survey = TreeSurvey(root)
            if TreeWatcher.usesInotify(root) { watched += survey.directories }
            findings.append(tree(root, survey))
            findings.append(output(root, survey))
            findings.append(space(root, minimum: configuration.minimumFreeSpaceMiB))
        }
        findings.append(watches(needed: watched))
        findings.append(instances(needed: configuration.roots.count(where: TreeWatcher.usesInotify)))
        return findings
    }

    private func tree(_ root: WatchedRoot, _ survey: TreeSurvey) -> Finding {
        let path = Shell.quoted(root.path)
        guard survey.directories > 0 || !survey.denied.isEmpty else {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: root.path, isDirectory: &isDirectory), !isDirectory.boolValue {
                return .problem("tree", root.path, "is a file, no directory", remedy: edit)
            }
            let make = "sudo mkdir -p \(path)"
            return .warning("tree", root.path, "is not there; the daemon waits for it", remedy: make)
        }
        if let first = survey.denied.first {
            let more = survey.denied.count > 1 ? " and \(survey.denied.count - 1) more" : ""
            return .problem(
                "tree", root.path, "\(user) cannot list or read \(first)\(more)",
                remedy: "sudo setfacl -R -m u:\(user):rX -m d:u:\(user):rX \(path)")
        }
        let kind = FileSystemKind(of: root.path)?.name ?? "unknown"
        let way = TreeWatcher.usesInotify(root) ? "inotify" : "polling"
        return .ok(
            "tree", root.path, "\(survey.directories) directories and \(survey.files) files on \(kind), by \(way)")
    }

    private func output(_ root: WatchedRoot, _ survey: TreeSurvey) -> Finding {
        if let mirror = root.outputDirectory {
            let ancestor = Self.existingAncestor(of: mirror)
            guard access(ancestor, W_OK | X_OK) == 0 else {
                let (reason, remedy) = unwritable(
                    ancestor, error: errno, remedy: "sudo install -d -o \(user) -g \(user) \(Shell.quoted(mirror))")
                return .problem("output", mirror, reason, remedy: remedy)
            }
            return .ok("output", mirror, "can be written")
        }
        guard let first = survey.readOnly.first else { return .ok("output", root.path, "beside the raw files") }
        let more = survey.readOnly.count > 1 ? " and \(survey.readOnly.count - 1) more directories" : ""
        let error = access(first, W_OK | X_OK) == 0 ? 0 : errno
        let (reason, remedy) = unwritable(
            first + more, error: error,
            remedy: "sudo setfacl -R -m u:\(user):rwX -m d:u:\(user):rwX \(Shell.quoted(root.path))")
        return .problem("output", root.path, "outputs go beside the raw files, but \(reason)", remedy: remedy)
    }

    private func space(_ root: WatchedRoot, minimum: Int) -> Finding {
        let place = root.outputDirectory ?? root.path
        guard let free = try? FreeSpace.mebibytes(at: place) else {
            return .warning("space", place, "cannot be told", remedy: "df -h \(Shell.quoted(place))")
        }
        guard free >= minimum else {
            let message = "\(free) MiB are free, below minimum_free_space_mb: \(minimum); no scan is taken"
            return .problem("space", place, message, remedy: "df -h \(Shell.quoted(place))")
        }
        return .ok("space", place, "\(free) MiB are free")
    }

    /// A tree of which more is watched than the kernel allows is polled, which is slower and costs more.
    private func watches(needed: Int) -> Finding {
        limit("max_user_watches", needed: needed, of: "directories", suggested: max(524_288, 2 * needed))
    }

    private func instances(needed: Int) -> Finding {
        limit("max_user_instances", needed: needed, of: "trees", suggested: max(1_024, 2 * needed))
    }

    private func limit(_ name: String, needed: Int, of things: String, suggested: Int) -> Finding {
        let subject = "fs.inotify.\(name)"
        guard let text = try? String(contentsOfFile: "/proc/sys/fs/inotify/\(name)", encoding: .utf8),
            let allowed = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return .warning("inotify", subject, "cannot be told", remedy: "sysctl \(subject)") }
        let message = "\(needed) \(things) are to be watched, \(allowed) are allowed to \(user)"
        guard needed <= allowed else {
            return .problem(
                "inotify", subject, message + "; trees beyond that are polled",
                remedy:
                    "echo \(subject)=\(suggested) | sudo tee -a /etc/sysctl.d/60-lacuna.conf && sudo sysctl --system")
        }
        return .ok("inotify", subject, message)
    }

    static func existingAncestor(of path: String) -> String {
        var path = path
        while access(path, F_OK) != 0, path != "/" { path = AbsolutePath.directory(of: path) }
        return path
    }
}

/// What this user may do in a tree.
private struct TreeSurvey {
    var directories = 0
    var files = 0
    /// Directories that cannot be listed, and files that cannot be read.
    var denied: [String] = []
    /// Directories that cannot be written in.
    var readOnly: [String] = []

    init(_ root: WatchedRoot) {
        var walker = TreeWalker()
        var directories = 0
        var files: [String] = []
        var readOnly: [String] = []
        let isListed = walker.walk(root.path) { listing in
            directories += 1
            files += listing.files.map(\.path)
            readOnly += listing.directories.map(\.path).filter { access($0, W_OK | X_OK) != 0 }
        }
        if isListed, access(root.path, W_OK | X_OK) != 0 { readOnly.insert(root.path, at: 0) }
        self.directories = directories
        self.files = files.count
        self.readOnly = readOnly
        denied = walker.denied + files.filter { access($0, R_OK) != 0 }
    }
}

extension Doctor {
    /// How many trees match each pattern now.
    func patterns(of configuration: Configuration) -> [Finding] {
        configuration.roots.filter { $0.template != nil }.map { root in
            let count = root.trees().count
            guard count > 0 else {
                return .warning(
                    "tree", root.path, "matches no directory yet; the daemon waits for one",
                    remedy: "ls -d \(Self.shellPattern(root.path))")
            }
            return .ok("tree", root.path, "matches \(count) director\(count == 1 ? "y" : "ies")")
        }
    }

    /// What another process holds that this daemon needs: socket, address, trees.
    func others(_ configuration: Configuration, _ holder: Holder) -> [Finding] {
        let own: Int32? = if case .own(let process) = holder { process } else { nil }
        var findings: [Finding] = []
        func found(_ check: String, _ subject: String, _ process: Int32, remedy: String) {
            guard process != own else { return }
            let owner = ResourceOwner.text(process) ?? "another process"
            findings.append(.problem(check, subject, "is in use by \(owner)", remedy: remedy))
        }
        if let process = ResourceOwner.process(listeningAt: configuration.controlSocket), process > 0 {
            found("socket", configuration.controlSocket, process, remedy: edit)
        }
        if let address = configuration.statusAddress {
            let (isInUse, process) = ResourceOwner.listener(at: address)
            // Whose it is, only its user and root may know.
            if isInUse, process != nil || own == nil { found("page", "\(address)", process ?? 0, remedy: edit) }
        }
        for root in configuration.roots {
            if let process = ResourceOwner.process(watching: root.path) {
                found("tree", root.path, process, remedy: "ps -fp \(process)")
            }
        }
        return findings
    }

    /// Scans that wait for a person.
    func failures(_ configuration: Configuration) async -> [Finding] {
        guard let ledger = try? Ledger.readOnly(directory: configuration.stateDirectory),
            let counts = try? await ledger.counts()
        else { return [] }
        let quarantined = counts[.quarantined] ?? 0
        guard quarantined > 0 else { return [.ok("scans", "quarantined", "none")] }
        return [
            .warning(
                "scans", "quarantined", "\(quarantined); lacuna status says why", remedy: command("retry --failed"))
        ]
    }

    /// What the shell matches by a pattern of the configuration.
    private static func shellPattern(_ path: String) -> String {
        path.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "*" : String($0)) }.joined()
    }
}
