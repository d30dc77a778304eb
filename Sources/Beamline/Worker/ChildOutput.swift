internal import Synchronization
internal import WorkMessages

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
