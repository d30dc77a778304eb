internal import Glibc

/// Looks at and inpaints scans on behalf of the daemon, isolated from it so that no input can harm it.
public protocol ScanWorker: Sendable {
    /// Looks at one file without changing anything.
    ///
    /// - Parameter settings: where detectors are described; nothing else of it matters here.
    /// - Throws: ``WorkerFailure`` when the file cannot be read as any known layout.
    func inspect(_ path: String, settings: ProcessingSettings) async throws -> Inspection

    /// Inpaints one scan and writes its output file.
    ///
    /// Cancelling the task ends the work and leaves nothing behind.
    /// - Throws: ``WorkerFailure``.
    func inpaint(_ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void) async throws -> InpaintReport

    /// Whether work goes on when the daemon ends: ``inpaint(_:progress:)`` with the same ticket then takes it up again,
    /// in this or in the next daemon, rather than doing it twice.
    var outlivesDaemon: Bool { get }

    /// Follows nothing any more but leaves running what outlives the daemon; every call in progress then throws
    /// ``WorkGoesOn``.
    func letGo() async

    /// The outcome stands in the ledger: what was kept to take the work up again may go.
    func settled(_ job: InpaintJob) async

    /// Nothing but this was in work when the daemon before ended: what is kept of anything else may go.
    func sweep(keeping jobs: [InpaintJob]) async
}

extension ScanWorker {
    public var outlivesDaemon: Bool { false }
    public func letGo() async {}
    public func settled(_ job: InpaintJob) async {}
    public func sweep(keeping jobs: [InpaintJob]) async {}
}

/// Everything that is needed to inpaint one scan, the same from the daemon and by hand.
public struct InpaintJob: Sendable, Equatable {
    public var input: String
    /// One BLISS scan number; `nil` where the file holds one scan.
    public var scan: Int?
    /// Which of several of that number: see ``ScanSelection``; `nil` for all.
    public var entry: String?
    public var output: String
    public var settings: ProcessingSettings
    /// Tells this piece of work from all that were ever begun, those on the same scan included.
    public var ticket: String

    public init(
        input: String, scan: Int?, entry: String? = nil, output: String, settings: ProcessingSettings,
        ticket: String = ""
    ) {
        self.entry = entry
        self.ticket = ticket
        self.input = input
        self.scan = scan
        self.output = output
        self.settings = settings
    }

    /// The command line of `lacuna` that does it.
    var arguments: [String] {
        let name = entry.map { String($0.drop { $0 == "/" }) } ?? scan.map { "\($0)" }
        let selection = name.map { ["--scan", $0] } ?? []
        return ["inpaint", input, "--output", output] + selection + settings.arguments
    }
}

/// How far the work on a scan has come.
public struct WorkProgress: Codable, Sendable, Equatable {
    /// What is being done, e.g. `inpaint`.
    public var stage: String
    /// Steps finished in this stage: frames, where it goes through them.
    public var done: Int
    /// Steps in all.
    public var total: Int

    public init(stage: String, done: Int, total: Int) {
        self.stage = stage
        self.done = done
        self.total = total
    }
}

/// The work goes on without the daemon, which lets go of it.
struct WorkGoesOn: Error {}

/// The work ended early for a reason that lies neither in the scan nor in what the daemon was told, e.g. a node that
/// failed: it is begun again and costs no attempt.
struct WorkInterrupted: Error, Equatable {
    var reason: String
}

/// Why a worker could not do its task.
public struct WorkerFailure: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// The exit code: 1 internal, 2 usage, 3 input, 4 not complete, 5 output.
    public var code: Int32
    public var message: String
    /// Whether nothing but a person's hand can change it, so that no attempt is worth while.
    public var isFinal: Bool?

    public init(code: Int32, message: String, isFinal: Bool? = nil) {
        self.code = code
        self.message = message
        self.isFinal = isFinal
    }

    public var description: String { message }

    /// Whether any other scan would fare as badly now: what the daemon was told is at fault, e.g. the description of a
    /// detector, or no output finds room on its disk or within its owner's quota.
    var isNoFaultOfTheScan: Bool {
        let isLackOfSpace = [ENOSPC, EDQUOT].contains { message.contains(ErrorNumber(value: $0).description) }
        return code == 2 || code == 5 && isLackOfSpace
    }
}
