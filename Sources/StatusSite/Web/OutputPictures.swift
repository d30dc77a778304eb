internal import Foundation
internal import WorkMessages

/// What the page of one scan shows of its output: children look at the file, a few at a time, and what they found is kept
/// as far as there is room.
///
/// A look goes on when whoever asked first has gone or has waited for too long, so that it is there when asked for again.
actor OutputPictures {
    /// Children that look at a time, requests that wait, bytes that are kept.
    private static let children = 2
    private static let patience = 32
    private static let keptBytes = 12 << 20

    private enum Question: Hashable {
        case description(of: String)
        case picture(of: SectionOrder)
    }

    private struct Key: Hashable {
        var question: Question
        /// When the output was written: another one may have taken its place.
        var written: Date
    }

    private enum Answer {
        case description(OutputDescription)
        case picture(Data)

        var bytes: Int {
            switch self {
            case .description: 4_096
            case .picture(let data): data.count
            }
        }
    }

    private let daemon: DaemonInsight
    /// The least recently asked first.
    private var kept: [(key: Key, answer: Answer)] = []
    private var failures: [Key: any Error] = [:]
    private var inWork: Set<Key> = []
    private var waiting = 0

    init(daemon: DaemonInsight) {
        self.daemon = daemon
    }

    /// - Throws: ``PictureReader/Busy``, ``WorkerFailure``, `CancellationError`.
    func description(of output: String, written: Date) async throws -> OutputDescription? {
        let key = Key(question: .description(of: output), written: written)
        guard case .description(let description) = try await answer(key) else { return nil }
        return description
    }

    /// - Throws: ``PictureReader/Busy``, ``WorkerFailure``, `CancellationError`.
    func picture(
        of output: String, written: Date, axis: SectionOrder.Axis, index: Int, layer: SectionOrder.Layer
    ) async throws -> Data? {
        guard let description = try await description(of: output, written: written) else { return nil }
        let section = SectionOrder(
            output: output, axis: axis, index: index, layer: layer, maximum: description.maximum)
        let key = Key(question: .picture(of: section), written: written)
        guard case .picture(let picture) = try await answer(key) else { return nil }
        return picture
    }

    private func answer(_ key: Key) async throws -> Answer {
        guard waiting < Self.patience else { throw PictureReader.Busy() }
        waiting += 1
        defer { waiting -= 1 }
        while true {
            if let known = recall(key) { return known }
            if let failure = failures.removeValue(forKey: key) { throw failure }
            if !inWork.contains(key), inWork.count < Self.children {
                inWork.insert(key)
                Task { await look(for: key) }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func look(for key: Key) async {
        do {
            switch key.question {
            case .description(let output): keep(.description(try await daemon.describe(output)), key)
            case .picture(let section): keep(.picture(try await daemon.picture(section)), key)
            }
        } catch {
            // Nobody may wait for it any more.
            if failures.count > Self.patience { failures = [:] }
            failures[key] = error
        }
        inWork.remove(key)
    }

    private func recall(_ key: Key) -> Answer? {
        guard let index = kept.firstIndex(where: { $0.key == key }) else { return nil }
        kept.append(kept.remove(at: index))
        return kept.last?.answer
    }

    /// Keeps an answer, and of the others, the latest for which there is room.
    private func keep(_ answer: Answer, _ key: Key) {
        kept.append((key, answer))
        var bytes = kept.reduce(0) { $0 + $1.answer.bytes }
        while bytes > Self.keptBytes, kept.count > 1 { bytes -= kept.removeFirst().answer.bytes }
    }
}

/// What the page of one scan tells beside its pictures.
struct ScanPageState: Encodable {
    var scan: StatusReport.Scan
    /// `nil` for a scan without an output.
    var volume: OutputDescription?
}

/// A request for something of one scan: `/scan/12`, `/scan/12/about`, `/scan/12/frame/40/counts.png`.
enum ScanRequest: Equatable {
    case page
    case about(Int64)
    case picture(Int64, SectionOrder.Axis, index: Int, SectionOrder.Layer)

    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard parts.first == "scan", let id = Self.number(parts.dropFirst().first) else { return nil }
        let rest = Array(parts.dropFirst(2))
        switch rest.count {
        case 0: self = .page
        case 1 where rest[0] == "about": self = .about(id)
        case 3:
            guard let axis = SectionOrder.Axis(rawValue: String(rest[0])), let index = Self.number(rest[1]),
                rest[2].hasSuffix(".png"), let layer = SectionOrder.Layer(rawValue: String(rest[2].dropLast(4)))
            else { return nil }
            self = .picture(id, axis, index: Int(index), layer)
        default: return nil
        }
    }

    /// A number as it is written in one way only.
    private static func number(_ text: Substring?) -> Int64? {
        text.flatMap { text in Int64(text).flatMap { "\($0)" == text && $0 >= 0 ? $0 : nil } }
    }
}
