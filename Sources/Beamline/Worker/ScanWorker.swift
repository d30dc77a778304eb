public import Foundation
public import WorkMessages

/// Looks at and inpaints scans on behalf of the daemon, isolated from it so that no input can harm it.
public protocol ScanWorker: Sendable {
    /// Looks at one file without changing anything.
    ///
    /// - Parameter settings: where detectors are described; nothing else of it matters here.
    /// - Throws: ``WorkerFailure`` when the file cannot be read as any known layout.
    func inspect(_ path: String, settings: ProcessingSettings) async throws -> Inspection

    /// Looks at what every scan needs: filters, detectors, weights.
    ///
    /// - Throws: ``WorkerFailure`` when that cannot be told.
    func check(_ settings: ProcessingSettings) async throws -> Equipment

    /// Describes an output, for the page.
    ///
    /// - Throws: ``WorkerFailure`` when it cannot be read.
    func describe(_ output: String) async throws -> OutputDescription

    /// Draws a section through an output as a PNG picture.
    ///
    /// - Throws: ``WorkerFailure`` when it cannot be read, or has no such section.
    func picture(of section: SectionOrder) async throws -> Data

    /// Inpaints one scan and writes its output file.
    ///
    /// Cancelling the task ends the work and leaves nothing behind.
    /// - Throws: ``WorkerFailure``.
    func inpaint(_ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void) async throws -> InpaintReport

    /// Whether work goes on when the daemon ends: ``inpaint(_:progress:)`` with the same ticket then takes it up again,
    /// in this or in the next daemon, rather than doing it twice.
    var outlivesDaemon: Bool { get }

    /// Follows nothing any more but leaves running what outlives the daemon; every call in progress then throws
    /// ``WorkDetached``.
    func detach() async

    /// The outcome stands in the ledger: what was kept to take the work up again may go.
    func settled(_ job: InpaintJob) async

    /// Nothing but this was in work when the daemon before ended: what is kept of anything else may go.
    func sweep(keeping jobs: [InpaintJob]) async
}

extension ScanWorker {
    public var outlivesDaemon: Bool { false }
    public func detach() async {}
    public func settled(_ job: InpaintJob) async {}
    public func sweep(keeping jobs: [InpaintJob]) async {}
}

/// The work goes on without the daemon, which lets go of it.
struct WorkDetached: Error {}

/// The work ended early for a reason that lies neither in the scan nor in what the daemon was told, e.g. a node that
/// failed: it is begun again and costs no attempt.
struct WorkInterrupted: Error, Equatable {
    var reason: String
}

extension WorkerFailure {
    /// Whether any other scan would fare as badly now: what the daemon was told is at fault, e.g. the description of a
    /// detector, or no output finds room on its disk or within its owner's quota.
    var concernsAllScans: Bool { [.configuration, .outputFull].contains(cause) }
}

/// Runs an operation, cancels it when it takes too long, and returns `nil` then.
func withTimeLimit<Result: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
