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
