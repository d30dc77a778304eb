internal import Conventions
internal import Foundation
internal import Glibc
internal import Settings
internal import StatusSite
internal import SystemPackage
internal import WorkMessages

/// Looks for what keeps a daemon from doing its work, as the user who runs it, and changes nothing.
public struct Doctor: Sendable {
    private let configurationFile: String
    private let worker: any ScanWorker
    private let pageDirectory: String?
    /// The name of this process's user, for commands.
    let user: String

    /// - Parameters:
    ///   - configurationFile: path of `lacuna.yaml`.
    ///   - pageDirectory: where the files of the status page lie; `nil` where none are installed.
    ///   - user: the name of the user as whom this process runs, for the commands that mend things.
    ///   - worker: reads filters, detectors and weights.
    public init(
        configurationFile: String, pageDirectory: String?, user: String, worker: any ScanWorker = ChildProcessWorker()
    ) {
        self.configurationFile = configurationFile
        self.worker = worker
        self.pageDirectory = pageDirectory
        self.user = user
    }

    /// Everything that was looked at; with a faulty configuration, nothing else.
    public func examine() async -> [Finding] {
        let (written, configuration): (Configuration, Configuration)
        var findings = [Finding.ok("configuration", configurationFile, "is valid")]
        do {
            let (found, fault) = try Configuration.inForce(configurationFile)
            if let fault {
                findings = [.problem("configuration", configurationFile, words(fault), remedy: edit)]
                // Without a daemon's own one, there is nothing more to look at.
                guard !found.roots.isEmpty else { return findings }
                let kept = Configuration.inForceFile(in: found.stateDirectory)
                findings.append(.ok("configuration", kept, "is in force still; what follows is about that"))
            }
            (written, configuration) = (found, found.withTrees())
        } catch {
            let isMissing = access(configurationFile, F_OK) != 0 && errno == ENOENT
            let remedy = isMissing ? "lacuna doctor --config FILE" : edit
            return [.problem("configuration", configurationFile, words(error), remedy: remedy)]
        }
        let holder = holder(of: configuration.stateDirectory)
        findings += state(configuration, holder)
        findings += patterns(of: written)
        findings += trees(configuration)
        if isOfSystem { findings += await unit(configuration) }
        findings += await slurm(configuration)
        findings += await equipment(configuration)
        findings += page(configuration)
        findings += await clock(configuration)
        findings.append(await daemon(configuration, holder))
        findings += others(configuration, holder)
        findings += await failures(configuration)
        // What a later look finds ill is not well.
        let ill = findings.filter { $0.level == .problem }
        findings.removeAll { finding in
            finding.level == .ok && ill.contains { ($0.check, $0.subject) == (finding.check, finding.subject) }
        }
        return asSeenByTheDaemon(findings, holder)
    }
}

extension Doctor {
    /// Whether the daemon is the one that systemd starts; any other is its user's own.
    var isOfSystem: Bool { configurationFile == "/etc/lacuna/lacuna.yaml" }

    /// What starts the daemon.
    var start: String {
        isOfSystem
            ? "sudo systemctl enable --now lacuna" : "lacuna watch --config \(Shell.quoted(configurationFile))"
    }

    /// A fault of the configuration without the name of its file, which is the finding's subject.
    private func words(_ fault: SettingsError) -> String {
        let (text, file) = ("\(fault)", "\(configurationFile): ")
        return text.hasPrefix(file) ? String(text.dropFirst(file.count)) : text
    }

    /// Who holds the state directory while the doctor looks.
    enum Holder {
        case nobody
        /// The daemon of this configuration; its process where that can be told.
        case own(process: Int32?)
        /// That of another one.
        case rival(process: Int32?, configuration: String)

        var process: Int32? {
            switch self {
            case .nobody: nil
            case .own(let process), .rival(let process, _): process
            }
        }
    }

    private func holder(of directory: String) -> Holder {
        guard let holder = StateLock.holder(of: directory) else { return .nobody }
        guard let other = holder.configuration,
            URL(filePath: other).resolvingSymlinksInPath() != URL(filePath: configurationFile).resolvingSymlinksInPath()
        else { return .own(process: holder.process) }
        return .rival(process: holder.process, configuration: other)
    }

    /// Why something cannot be written, and what mends it: rights can be given, but a file system that is mounted
    /// read-only takes nothing from anybody.
    func unwritable(_ path: String, error number: Int32, remedy: String) -> (reason: String, remedy: String) {
        number == EROFS
            ? ("\(path) is on a file system that is mounted read-only; choose another directory", edit)
            : ("\(user) cannot write in \(path)", remedy)
    }

    var edit: String { "\(user == "root" ? "" : "sudo ")editor \(Shell.quoted(configurationFile))" }
}

// MARK: - What belongs to the program

extension Doctor {
    private func state(_ configuration: Configuration, _ holder: Holder) -> [Finding] {
        let directory = configuration.stateDirectory
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            var (place, error) = (directory, errno)
            if error == ENOENT {
                place = Self.existingAncestor(of: directory)
                if access(place, W_OK | X_OK) == 0 {
                    return [.ok("state", directory, "is not there yet; the daemon makes it")]
                }
                error = errno
            }
            let make = "sudo install -d -o \(user) -g \(user) \(Shell.quoted(directory))"
            let (reason, remedy) = unwritable(place, error: error, remedy: make)
            return [.problem("state", directory, "\(reason) (\(Errno(rawValue: error)))", remedy: remedy)]
        }
        if case .rival(let process, let configuration) = holder {
            let owner = ResourceOwner.text(process) ?? "another process"
            let message = "is in use by \(owner), the daemon of \(configuration); this one needs its own"
            return [.problem("state", directory, "\(message) (state.directory)", remedy: edit)]
        }
        if let free = try? FreeSpace.mebibytes(at: directory), free < 1 {
            let message = "no space is left for the ledger; the daemon notes nothing and takes no scan"
            return [.problem("state", directory, message, remedy: "df -h \(Shell.quoted(directory))")]
        }
        let ledger = Ledger.path(in: directory)
        guard access(ledger, F_OK) == 0 else {
            return [.ok("state", directory, "can be written; no ledger yet")]
        }
        guard access(ledger, R_OK | W_OK) == 0 else {
            let own = "sudo chown \(user): \(Shell.quoted(ledger)) \(Shell.quoted(ledger))-*"
            return [.problem("state", ledger, "\(user) cannot read and write it", remedy: own)]
        }
        return [.ok("state", directory, "can be written")]
    }

    /// What a child process finds of what every scan needs.
    private func equipment(_ configuration: Configuration) async -> [Finding] {
        var equipment = Equipment()
        do {
            for settings in configuration.settingsToCheck where equipment.problem == nil {
                equipment = try await worker.check(settings)
            }
        } catch {
            return [.problem("filters", "HDF5", "\(error)", remedy: Self.reinstall)]
        }
        return detectorDirectories(configuration.processing) + [
            filters(equipment), detectors(equipment), weights(equipment, configuration.processing),
        ]
    }

    private static let reinstall = "sudo apt-get install --reinstall lacuna"

    private func filters(_ equipment: Equipment) -> Finding {
        guard let problem = equipment.filterProblem else {
            return .ok("filters", "HDF5", "gzip, LZ4 and bitshuffle can be read")
        }
        return .problem(
            "filters", "HDF5", "compressed data \(problem)", remedy: "\(Self.reinstall) hdf5-filter-plugin")
    }

    /// Those that are named and not there, whose detectors nobody would miss until a scan comes.
    private func detectorDirectories(_ settings: ProcessingSettings) -> [Finding] {
        (settings.detectorDirectories ?? []).enumerated().compactMap { number, directory in
            var isDirectory: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory)
            guard !isThere || !isDirectory.boolValue else { return nil }
            let message = isThere ? "is no directory" : "is not there"
            // The first holds the detectors; further ones may be yet to come.
            return number == 0 || isThere
                ? .problem("detectors", directory, message, remedy: edit)
                : .warning("detectors", directory, message, remedy: "sudo mkdir -p \(Shell.quoted(directory))")
        }
    }

    private func detectors(_ equipment: Equipment) -> Finding {
        if let problem = equipment.detectorProblem {
            return .problem("detectors", "descriptions", problem.message, remedy: edit)
        }
        guard !equipment.detectors.isEmpty else {
            return .problem("detectors", "descriptions", "none are installed", remedy: Self.reinstall)
        }
        return .ok("detectors", "descriptions", "\(equipment.detectors.count) names are known")
    }

    private func weights(_ equipment: Equipment, _ settings: ProcessingSettings) -> Finding {
        if let problem = equipment.weightsProblem {
            // One's own network is not what a package would bring back.
            return .problem(
                "weights", settings.model ?? "network", problem.message,
                remedy: settings.model == nil ? Self.reinstall : edit)
        }
        guard let weights = equipment.weights else {
            return settings.method == .network
                ? .warning("weights", "network", "none are installed; kriging fills instead", remedy: Self.reinstall)
                : .ok("weights", "network", "none are needed by this method")
        }
        guard let stated = Self.statedHash(of: weights.path) else {
            return .ok(
                "weights", weights.path,
                "\(weights.name), no hash is stated beside it; its own is \(weights.sha256)")
        }
        guard stated == weights.sha256 else {
            let message = "its hash is \(weights.sha256), but \(weights.path).sha256 states \(stated)"
            return .problem("weights", weights.path, message, remedy: settings.model == nil ? Self.reinstall : edit)
        }
        return .ok("weights", weights.path, "\(weights.name), whose hash is the stated one")
    }

    /// What `sha256sum` wrote beside the weights.
    private static func statedHash(of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path + ".sha256", encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private func page(_ configuration: Configuration) -> [Finding] {
        guard let address = configuration.statusAddress else { return [.ok("page", "status.http", "is off")] }
        guard (try? address.socketAddress()) != nil else {
            return [.problem("page", "\(address)", "is neither localhost nor an IP address", remedy: edit)]
        }
        guard let pageDirectory, FileManager.default.isReadableFile(atPath: pageDirectory + "/index.html") else {
            let reinstall = "sudo apt-get install --reinstall lacuna"
            return [.warning("page", "\(address)", "the files of the page are not installed", remedy: reinstall)]
        }
        let isOpen = !["127.0.0.1", "::1", "localhost"].contains(address.host)
        if isOpen, configuration.allowsRetry {
            let message = "everybody who reaches it may put scans back and pause them (status.allow_retry)"
            return [.warning("page", "\(address)", message, remedy: edit)]
        }
        return [.ok("page", "\(address)", isOpen ? "shown to everybody who reaches it" : "shown on this machine")]
    }

    private func daemon(_ configuration: Configuration, _ holder: Holder) async -> Finding {
        guard case .own(let process) = holder else {
            return .warning("daemon", "lacuna", "does not run", remedy: start)
        }
        // Whom the socket does not serve cannot ask it.
        guard access(configuration.controlSocket, W_OK) == 0 else { return .ok("daemon", "lacuna", "runs") }
        guard let report = await StatusClient(configuration: configuration).answer() else {
            let name = ResourceOwner.text(process).map { " as \($0)" } ?? ""
            return .problem(
                "daemon", "lacuna", "runs\(name), but does not answer: it hangs, or its disk is full",
                remedy: isOfSystem
                    ? "journalctl -u lacuna -n 20" : "kill -TERM \(process.map(String.init) ?? "PID")")
        }
        if let trees = report.pausedTrees?.text {
            return .warning("daemon", "lacuna", "runs, but is paused: \(trees)", remedy: command("resume"))
        }
        if let paused = report.paused {
            return .warning("daemon", "lacuna", "runs, but is paused: \(paused)", remedy: command("status"))
        }
        return .ok("daemon", "lacuna", "runs")
    }

    /// A command about this daemon.
    func command(_ name: String) -> String {
        "lacuna \(name)" + (isOfSystem ? "" : " --config \(Shell.quoted(configurationFile))")
    }

    /// Where the daemon runs as somebody else, what this user may do says nothing of the daemon, and giving rights to this
    /// user would mend nothing: the remedy is to look as that user.
    private func asSeenByTheDaemon(_ findings: [Finding], _ holder: Holder) -> [Finding] {
        guard let process = holder.process,
            let owner = ResourceOwner.user(of: process), owner != geteuid(), geteuid() != 0
        else { return findings }
        let name = ResourceOwner.userName(owner) ?? "#\(owner)"
        return findings.map { finding in
            guard finding.level == .problem, ["state", "tree", "output"].contains(finding.check) else { return finding }
            let remedy = "sudo -u \(Shell.quoted(name)) \(command("doctor"))"
            return .warning(
                finding.check, finding.subject, "\(finding.message); the daemon runs as \(name)", remedy: remedy)
        }
    }
}

/// One thing that `lacuna doctor` looked at, and how it stands.
public struct Finding: Codable, Sendable, Equatable {
    public enum Level: String, Codable, Sendable {
        case ok
        /// It works, but a person should know.
        case warning
        /// Scans will not be processed, or not as configured.
        case problem
    }

    /// What was looked at: `configuration`, `state`, `tree`, `output`, `unit`, `slurm`, `inotify`, `filters`, `detectors`,
    /// `weights`, `page`, `space`, `clock`, `daemon`, `socket`, `scans`.
    public var check: String
    /// Which one: a path, for most.
    public var subject: String
    public var level: Level
    public var message: String
    /// The command that mends it; absent where nothing is to be mended.
    public var remedy: String?

    static func ok(_ check: String, _ subject: String, _ message: String) -> Finding {
        Finding(check: check, subject: subject, level: .ok, message: message)
    }

    static func warning(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, subject: subject, level: .warning, message: message, remedy: remedy)
    }

    static func problem(_ check: String, _ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, subject: subject, level: .problem, message: message, remedy: remedy)
    }
}
