internal import Detectors
internal import Foundation
internal import Glibc
internal import ScanFiles
internal import Settings

/// Looks for what keeps a daemon from doing its work, as the user who runs it, and changes nothing.
public struct Doctor: Sendable {
    private let configurationFile: String
    private let fillers: FillerFactory
    private let pageDirectory: String?
    /// The name of this process's user, for commands.
    let user: String

    /// - Parameters:
    ///   - configurationFile: path of `lacuna.yaml`.
    ///   - fillers: reads the weights.
    ///   - pageDirectory: where the files of the status page lie; `nil` where none are installed.
    ///   - user: the name of the user as whom this process runs, for the commands that mend things.
    public init(configurationFile: String, fillers: FillerFactory, pageDirectory: String?, user: String) {
        self.configurationFile = configurationFile
        self.fillers = fillers
        self.pageDirectory = pageDirectory
        self.user = user
    }

    /// Everything that was looked at; with a faulty configuration, nothing else.
    public func examine() async -> [Finding] {
        let configuration: Configuration
        do {
            configuration = try Configuration(contentsOf: configurationFile)
        } catch {
            let edit = "\(user == "root" ? "" : "sudo ")editor \(Shell.quoted(configurationFile))"
            return [.problem("configuration", configurationFile, "\(error)", remedy: edit)]
        }
        var findings = [Finding.ok("configuration", configurationFile, "is valid")]
        findings += state(configuration)
        findings += trees(configuration)
        findings += await unit(configuration)
        findings += await slurm(configuration)
        findings.append(filters())
        findings.append(weights(configuration))
        findings += page(configuration)
        findings += await clock(configuration)
        findings.append(daemon(configuration))
        return findings
    }
}

// MARK: - What belongs to the program

extension Doctor {
    private func state(_ configuration: Configuration) -> [Finding] {
        let directory = configuration.stateDirectory
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            let reason = "\(user) cannot read and write it (\(ErrorNumber(value: errno)))"
            let make = "sudo install -d -o \(user) -g \(user) \(Shell.quoted(directory))"
            return [.problem("state", directory, reason, remedy: make)]
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

    private func filters() -> Finding {
        let hindrances = HDF5Filter.ofDetectors.compactMap { filter in filter.hindrance.map { (filter, $0) } }
        guard let (_, first) = hindrances.first else {
            return .ok("filters", "HDF5", "gzip, LZ4 and bitshuffle can be read")
        }
        return .problem(
            "filters", "HDF5", "compressed data \(first)",
            remedy: "sudo apt-get install --reinstall lacuna hdf5-filter-plugin")
    }

    private func weights(_ configuration: Configuration) -> Finding {
        let reinstall = "sudo apt-get install --reinstall lacuna"
        do {
            guard let model = try fillers.filler(for: configuration.processing).model else {
                return configuration.processing.method == .network
                    ? .warning("weights", "network", "none are installed; kriging fills instead", remedy: reinstall)
                    : .ok("weights", "network", "none are needed by this method")
            }
            let path = configuration.processing.model ?? fillers.shippedModel ?? ""
            guard let stated = Self.statedHash(of: path) else {
                return .ok("weights", path, "\(model.name), no hash is stated beside it; its own is \(model.sha256)")
            }
            guard stated == model.sha256 else {
                let message = "its hash is \(model.sha256), but \(path).sha256 states \(stated)"
                return .problem("weights", path, message, remedy: reinstall)
            }
            return .ok("weights", path, "\(model.name), whose hash is the stated one")
        } catch {
            return .problem("weights", configuration.processing.model ?? "network", error.message, remedy: reinstall)
        }
    }

    /// What `sha256sum` wrote beside the weights.
    private static func statedHash(of path: String) -> String? {
        guard let text = try? String(contentsOfFile: path + ".sha256", encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    private func page(_ configuration: Configuration) -> [Finding] {
        guard let address = configuration.statusAddress else { return [.ok("page", "status.http", "is off")] }
        let edit = "sudo editor \(Shell.quoted(configurationFile))"
        guard (try? address.socketAddress()) != nil else {
            return [.problem("page", "\(address)", "is neither localhost nor an IP address", remedy: edit)]
        }
        guard let pageDirectory, FileManager.default.isReadableFile(atPath: pageDirectory + "/index.html") else {
            let reinstall = "sudo apt-get install --reinstall lacuna"
            return [.warning("page", "\(address)", "the files of the page are not installed", remedy: reinstall)]
        }
        let isOpen = !["127.0.0.1", "::1", "localhost"].contains(address.host)
        if isOpen, configuration.allowsRetry {
            let message = "everybody who reaches it may put scans back (status.allow_retry)"
            return [.warning("page", "\(address)", message, remedy: edit)]
        }
        return [.ok("page", "\(address)", isOpen ? "shown to everybody who reaches it" : "shown on this machine")]
    }

    private func daemon(_ configuration: Configuration) -> Finding {
        StateLock.isHeld(directory: configuration.stateDirectory)
            ? .ok("daemon", "lacuna", "runs")
            : .warning("daemon", "lacuna", "does not run", remedy: "sudo systemctl enable --now lacuna")
    }
}

/// Text for a shell.
enum Shell {
    /// One word, quoted where that is needed.
    static func quoted(_ text: String) -> String {
        let isPlain = text.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "/._-+:@%".contains($0) }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
