public import Foundation

/// What a worker tells the daemon, one JSON object per line: a child on its standard output, a job in its file.
///
/// `{"progress": …}` any number of times, then `{"report": …}` or `{"failure": …}` once.
public enum WorkerEvent: Sendable, Equatable {
    case progress(WorkProgress)
    case report(InpaintReport)
    case failure(WorkerFailure)

    /// Reads one line; `nil` for a line that is no event, which a library may have printed.
    public init?(line: some StringProtocol) {
        guard line.hasPrefix("{"), let event = try? JSONDecoder().decode(Self.self, from: Data(line.utf8))
        else { return nil }
        self = event
    }

    /// The event as one line with its newline.
    public func line() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Writes the event at once, so that the daemon sees it without delay.
    public func send(to output: FileHandle) {
        // A daemon that has gone away needs no event; ``ParentWatch`` ends this process.
        guard let line = try? line() else { return }
        try? output.write(contentsOf: line)
        // For a file that another machine reads; a pipe refuses.
        try? output.synchronize()
    }
}

extension WorkerEvent: Codable {
    private enum CodingKeys: String, CodingKey {
        case progress, report, failure
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let progress = try container.decodeIfPresent(WorkProgress.self, forKey: .progress) {
            self = .progress(progress)
        } else if let report = try container.decodeIfPresent(InpaintReport.self, forKey: .report) {
            self = .report(report)
        } else {
            self = .failure(try container.decode(WorkerFailure.self, forKey: .failure))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .progress(let progress): try container.encode(progress, forKey: .progress)
        case .report(let report): try container.encode(report, forKey: .report)
        case .failure(let failure): try container.encode(failure, forKey: .failure)
        }
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

/// Why a worker could not do its task.
public struct WorkerFailure: CausedError, Codable, Sendable, Equatable, CustomStringConvertible {
    public var cause: FailureCause
    /// For people: names the file, what was found and what was expected.
    public var message: String

    public init(_ cause: FailureCause, _ message: String) {
        self.cause = cause
        self.message = message
    }

    public var description: String { message }
}

/// What a failure comes from, which decides the exit code of a command and what the daemon does about it.
public enum FailureCause: String, Codable, Sendable, CaseIterable {
    case internalFailure = "internal"
    /// Wrong usage, configuration or description of a detector: any other scan would fare as badly.
    case configuration
    /// The input is unreadable, unsupported or inconsistent.
    case input
    /// The scan is not complete.
    case incomplete
    /// No room is left for the output, on its disk or within its owner's quota.
    case outputFull = "output_full"
    /// The output cannot be written for another reason.
    case outputRefused = "output_refused"
    /// Something else lies under the output's name; only a person can change that.
    case outputOccupied = "output_occupied"

    /// The cause that an exit code tells of, as far as it does.
    public init(exitCode: Int32) {
        self =
            switch exitCode {
            case 2: .configuration
            case 3: .input
            case 4: .incomplete
            case 5: .outputRefused
            default: .internalFailure
            }
    }

    /// The exit code of a command that fails for this.
    public var exitCode: Int32 {
        switch self {
        case .internalFailure: 1
        case .configuration: 2
        case .input: 3
        case .incomplete: 4
        case .outputFull, .outputRefused, .outputOccupied: 5
        }
    }
}

/// An error that knows its cause.
public protocol CausedError: Error {
    var cause: FailureCause { get }
}
