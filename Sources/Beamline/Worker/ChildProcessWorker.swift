public import Foundation
internal import Subprocess
internal import Synchronization
internal import SystemPackage
public import WorkMessages

/// Works in child processes of this very executable, so that no input can harm the daemon.
///
/// `lacuna child` gets its order, e.g. an ``InpaintJob``, as a line of JSON on its standard input, which the daemon holds
/// open: when it dies, however it dies, the child ends as well (see ``ParentWatch``). Cancelling ends the child by SIGTERM,
/// then by SIGKILL.
public struct ChildProcessWorker: ScanWorker {
    private let executable: String
    /// A look that takes longer is given up; a network file system may hang.
    let inspectionLimit: Duration

    /// - Parameter executable: the `lacuna` to start; by default the file this process was started from, even if it has
    ///   been replaced since.
    public init(executable: String = "/proc/self/exe", inspectionLimit: Duration = .seconds(60)) {
        self.executable = executable
        self.inspectionLimit = inspectionLimit
    }

    public func check(_ settings: ProcessingSettings) async throws -> Equipment {
        let output = LineCollector()
        let end = try await withTimeLimit(inspectionLimit) {
            try await run("check", order: settings) { output.append($0) }
        }
        guard let end else {
            throw WorkerFailure(.internalFailure, "detectors and weights were not read within \(inspectionLimit)")
        }
        if let failure = end.failure(of: "detectors and weights") { throw failure }
        do {
            return try JSONDecoder().decode(Equipment.self, from: Data(output.text.utf8))
        } catch {
            throw WorkerFailure(.internalFailure, "the look at detectors and weights ended without a result")
        }
    }

    public func inspect(_ path: String, settings: ProcessingSettings) async throws -> Inspection {
        let job = InspectJob(input: path, settings: settings)
        let output = LineCollector()
        let end = try await withTimeLimit(inspectionLimit) {
            try await run("inspect", order: job) { output.append($0) }
        }
        guard let end else {
            throw WorkerFailure(.input, "\(path): the look at the file took longer than \(inspectionLimit)")
        }
        if let failure = end.failure(of: path) { throw failure }
        do {
            return try JSONDecoder().decode(Inspection.self, from: Data(output.text.utf8))
        } catch {
            throw WorkerFailure(.internalFailure, "\(path): the look at the file ended without a result")
        }
    }

    public func inpaint(
        _ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> InpaintReport {
        let last = LastEvent()
        let end = try await run("inpaint", order: job) { line in
            switch WorkerEvent(line: line) {
            case .progress(let made): progress(made)
            case let event?: last.set(event)
            case nil: break
            }
        }
        switch (last.event, end.failure(of: job.input)) {
        case (.report(let report), nil): return report
        case (.failure(let failure), _): throw failure
        case (_, let failure?): throw failure
        default: throw WorkerFailure(.internalFailure, "the worker ended without a report")
        }
    }

    public func describe(_ output: String) async throws -> OutputDescription {
        let bytes = try await show("describe", order: output, of: output)
        do {
            return try JSONDecoder().decode(OutputDescription.self, from: bytes)
        } catch {
            throw WorkerFailure(.internalFailure, "\(output): the look at the output ended without a result")
        }
    }

    public func picture(of section: SectionOrder) async throws -> Data {
        try await show("section", order: section, of: section.output)
    }

    /// Has a child look at an output.
    ///
    /// - Returns: all that it writes to its standard output.
    private func show(_ command: String, order: some Encodable & Sendable, of output: String) async throws -> Data {
        let answer = Mutex(Data())
        let end = try await run(command, order: order) { stream in
            for try await buffer in stream {
                let isTooMuch = answer.withLock { answer in
                    buffer.withUnsafeBytes { answer.append(contentsOf: $0) }
                    return answer.count > Self.largestAnswer
                }
                guard !isTooMuch else { throw WorkerFailure(.internalFailure, "\(output): the picture is too large") }
            }
        }
        if let failure = end.failure(of: output) { throw failure }
        return answer.withLock { $0 }
    }

    /// What a child may say of an output, in bytes.
    private static let largestAnswer = 32 << 20

    /// Has one command of `lacuna child` done, and hands over each line of its standard output.
    private func run(
        _ command: String, order: some Encodable & Sendable, line handle: @escaping @Sendable (String) -> Void
    ) async throws -> ChildEnd {
        try await run(command, order: order) { stream in
            for try await line in stream.strings(
                separatedBy: .unicodeScalarSequence("\n".unicodeScalars), bufferingPolicy: .unbounded
            ) {
                handle(line)
            }
        }
    }

    /// Has one command of `lacuna child` done.
    ///
    /// - Parameters:
    ///   - order: what the child reads from its standard input, as one line of JSON.
    ///   - read: takes its standard output.
    /// - Throws: `CancellationError` when this task was cancelled, ``WorkerFailure`` when it cannot be started.
    private func run(
        _ command: String, order: some Encodable & Sendable,
        read: @escaping @Sendable (SubprocessOutputSequence) async throws -> Void
    ) async throws -> ChildEnd {
        // A child that goes away before it has read its order must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let order = try JSONEncoder().encode(order) + Data("\n".utf8)
        var options = PlatformOptions()
        // A terminal's ^C must reach the daemon alone, which then ends its child in good order.
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(executable)), arguments: ["child", command],
                environment: .inherit.updating(["HDF5_USE_FILE_LOCKING": "FALSE"]), platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { child in
                async let complaint = Self.tail(of: child.standardError)
                // A child that is gone says why by its end.
                _ = try? await child.standardInputWriter.write(Array(order))
                try await read(child.standardOutput)
                return try await complaint
            }
            try Task.checkCancellation()
            return ChildEnd(status: result.terminationStatus, complaint: result.closureResult)
        } catch let failure as WorkerFailure {
            throw failure
        } catch {
            try Task.checkCancellation()
            throw WorkerFailure(.internalFailure, "the worker could not be run: \(error)")
        }
    }

    /// The last words on a stream; what came before them is dropped so that a chatty child costs no memory.
    private static func tail(of stream: SubprocessOutputSequence) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in stream {
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > 16_384 { bytes.removeFirst(bytes.count - 8_192) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// How a child process ended.
private struct ChildEnd {
    var status: TerminationStatus
    /// What it said last on standard error.
    var complaint: String

    /// `nil` where it ended well.
    ///
    /// - Parameter path: the file that it worked on.
    func failure(of path: String) -> WorkerFailure? {
        switch status {
        case .exited(0): nil
        // A child that removes its temporary file at a signal ends with this code, as shells do.
        case .exited(let code) where code > 128: Self.endedBySignal(code - 128, at: path)
        case .exited(let code):
            WorkerFailure(
                FailureCause(exitCode: code),
                message ?? "the worker ended with code \(code)")
        case .signaled(let number): Self.endedBySignal(number, at: path)
        }
    }

    private static func endedBySignal(_ number: Int32, at path: String) -> WorkerFailure {
        WorkerFailure(.internalFailure, "\(path): the worker was ended by signal \(number); the file may be damaged")
    }

    private var message: String? {
        let lines = complaint.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let last = lines.last(where: { !$0.isEmpty }) else { return nil }
        let prefix = ["lacuna: ", "Error: "].first(where: last.hasPrefix) ?? ""
        return String(last.dropFirst(prefix.count))
    }
}

/// Gathers the lines of a child's standard output.
final class LineCollector: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
}

/// Keeps the event with which a child closed its work.
final class LastEvent: Sendable {
    private let storage = Mutex<WorkerEvent?>(nil)

    func set(_ event: WorkerEvent) {
        storage.withLock { $0 = event }
    }

    var event: WorkerEvent? { storage.withLock { $0 } }
}
