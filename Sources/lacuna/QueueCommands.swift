import ArgumentParser
import Beamline
import CommandSupport
import Foundation
import StatusSite
import WorkMessages

/// Whose scans wait or go on.
struct PauseOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only the scans below this directory.", valueName: "path"))
    var root: String?

    @OptionGroup var daemon: DaemonOptions

    /// Asks for it and says what is paused then.
    func ask(isPaused: Bool) async throws {
        do {
            let request = PauseRequest(root.map(absolutePath) ?? "/", isPaused: isPaused)
            let answer = try await daemon.client().pause(request)
            print(answer.trees.text.map { "paused: \($0)" } ?? "nothing is paused now")
            if !answer.running { print("no daemon is running: the next one will keep to this") }
        } catch {
            throw CommandFailure(error)
        }
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Have scans wait until `lacuna resume`.",
        discussion: """
            The scan in work goes on. Those that land wait in the queue, also when the daemon is restarted. Files given to \
            `lacuna submit` do not wait.
            """)

    @OptionGroup var options: PauseOptions

    func run() async throws { try await options.ask(isPaused: true) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let paused scans go on.")

    @OptionGroup var options: PauseOptions

    func run() async throws { try await options.ask(isPaused: false) }
}

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Put a file first in the daemon's queue, and wait until its scans are filled.",
        discussion: """
            Scans of the file that failed, were quarantined or skipped are tried again; those that are done stay as they \
            are. The file stays first when this command is interrupted or the daemon is restarted.
            """)

    @Argument(help: "A file in a watched tree.")
    var file: String

    @Flag(help: "Do not wait.")
    var noWait = false

    @OptionGroup var daemon: DaemonOptions

    /// How long a daemon may be away, e.g. for its restart.
    private static let patience = Duration.seconds(60)

    func run() async throws {
        do {
            let path = absolutePath(file)
            guard FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure(.input, "\(path): no such file")
            }
            let client = try daemon.client()
            let submission = try await client.submit(path)
            if !submission.running {
                print("\(path): is first in the queue; no daemon is running, the next one will take it")
            } else if noWait {
                print("\(path): is first in the queue")
            } else {
                try show(try await wait(for: submission, client))
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Shows a bar until every scan of the file has come to an end.
    private func wait(for submission: Submission, _ client: StatusClient) async throws -> Submission {
        var (submission, heard, bar) = (submission, ContinuousClock.now, ProgressBar())
        defer { bar.clear() }
        while submission.isPending {
            if let work = submission.work, let stage = work.stage, let done = work.done, let total = work.total {
                bar.show(stage: stage, done: done, total: total)
            }
            try await Task.sleep(for: .milliseconds(200))
            if let news = try await client.submission(of: submission.file) {
                (submission, heard) = (news, .now)
            } else if ContinuousClock.now - heard > Self.patience {
                throw CommandFailure(
                    .internalFailure,
                    "\(submission.file): the daemon does not answer any more; the file stays first in its queue")
            }
        }
        return submission
    }

    private func show(_ submission: Submission) throws {
        guard !submission.scans.isEmpty else {
            throw CommandFailure(.input, "\(submission.file): holds no scan that could be filled")
        }
        for scan in submission.scans { print(scan.text) }
        let failed = submission.scans.count { $0.state == .quarantined || $0.state == .stale }
        guard failed == 0 else {
            throw CommandFailure(.input, "\(submission.file): \(failed) of \(submission.scans.count) scans failed")
        }
    }
}

/// The user as whom a service runs.
struct ServiceUser {
    let name: String
    private let entry: passwd?

    /// - Parameter name: `nil` for `lacuna` where root asks and that user exists, else for who asks.
    /// - Throws: ``CommandFailure`` for a user that is not known.
    init(named name: String?) throws {
        if let name {
            guard let found = getpwnam(name)?.pointee else {
                throw CommandFailure(
                    .configuration, "there is no user \(name); the service's is made by systemd-sysusers")
            }
            (self.name, entry) = (name, found)
        } else if geteuid() == 0, let found = getpwnam("lacuna")?.pointee {
            (self.name, entry) = ("lacuna", found)
        } else {
            (self.name, entry) = (NSUserName(), nil)
        }
    }

    /// Gives up the rights of this process for those of the user, for good.
    ///
    /// - Throws: ``CommandFailure`` where only root could.
    func become() throws {
        guard let entry, entry.pw_uid != geteuid() else { return }
        guard initgroups(name, entry.pw_gid) == 0, setgid(entry.pw_gid) == 0, setuid(entry.pw_uid) == 0 else {
            throw CommandFailure(.configuration, "only root can look with the eyes of \(name); use sudo")
        }
    }
}
