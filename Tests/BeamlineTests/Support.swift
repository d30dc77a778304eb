import Foundation
import Logging
import Synchronization
import Testing
import WorkMessages

@testable import Beamline

/// A clock that stands still until it is advanced.
final class ManualTime: TimeSource {
    private struct State {
        var now: Date
        var sleepers: [UUID: (until: Date, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    private let state: Mutex<State>

    init(_ now: Date = Date()) {
        state = Mutex(State(now: now))
    }

    var now: Date { state.withLock { $0.now } }

    func advance(by seconds: Double) {
        let due = state.withLock { state in
            state.now += seconds
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due
        }
        for sleeper in due.values { sleeper.continuation.resume() }
    }

    func sleep(until date: Date) async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if date <= state.now || Task.isCancelled { return true }
                    state.sleepers[id] = (date, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// A worker that finds and does what the test says.
final class FakeWorker: ScanWorker {
    struct State {
        var inspections: [String: Result<Inspection, WorkerFailure>] = [:]
        var inspected: [String] = []
        var inspectedFor: [ProcessingSettings] = []
        var inpainted: [InpaintJob] = []
        var failures: [any Error] = []
        var settled: [InpaintJob] = []
        var equipment = Equipment()
        var hangs = false
        var pictures: [SectionOrder] = []
        var picturesHang = false
    }

    let state = Mutex(State())

    func find(_ inspection: Inspection) {
        state.withLock { $0.inspections[inspection.input] = .success(inspection) }
    }

    func refuse(_ path: String, _ message: String = "not an HDF5 file") {
        state.withLock { $0.inspections[path] = .failure(WorkerFailure(.input, message)) }
    }

    /// The next work fails like this.
    func failNext(_ failure: any Error) {
        state.withLock { $0.failures.append(failure) }
    }

    /// Work never ends from now on.
    func hang() {
        state.withLock { $0.hangs = true }
    }

    /// Sections are never drawn from now on.
    func hangPictures() {
        state.withLock { $0.picturesHang = true }
    }

    func settled(_ job: InpaintJob) {
        state.withLock { $0.settled.append(job) }
    }

    var inspected: [String] { state.withLock { $0.inspected } }
    var inspectedFor: [ProcessingSettings] { state.withLock { $0.inspectedFor } }
    var inpainted: [InpaintJob] { state.withLock { $0.inpainted } }
    var pictures: [SectionOrder] { state.withLock { $0.pictures } }
    var settled: [InpaintJob] { state.withLock { $0.settled } }

    /// What a check finds from now on.
    func equip(_ equipment: Equipment) {
        state.withLock { $0.equipment = equipment }
    }

    func check(_ settings: ProcessingSettings) async throws -> Equipment { state.withLock { $0.equipment } }

    func describe(_ output: String) async throws -> OutputDescription {
        OutputDescription(
            frames: 10, rows: 20, columns: 30, peak: OutputDescription.Place(frame: 5, row: 9, column: 14),
            maximum: 4_711, frameStep: 1, gaps: [])
    }

    func picture(of section: SectionOrder) async throws -> Data {
        let isHung = state.withLock { state in
            state.pictures.append(section)
            return state.picturesHang
        }
        if isHung { try await Task.sleep(for: .seconds(3_600)) }
        guard section.index < 10 else { throw WorkerFailure(.input, "no such section") }
        return Data("picture \(state.withLock { $0.pictures.count })".utf8)
    }

    func inspect(_ path: String, settings: ProcessingSettings) async throws -> Inspection {
        let found = state.withLock { state in
            state.inspected.append(path)
            state.inspectedFor.append(settings)
            return state.inspections[path]
        }
        return try found?.get() ?? Inspection(input: path, layout: "npz", scans: [.complete(path)])
    }

    func inpaint(
        _ job: InpaintJob, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> InpaintReport {
        let (failure, hangs) = state.withLock { state in
            state.inpainted.append(job)
            return (state.failures.isEmpty ? nil : state.failures.removeFirst(), state.hangs)
        }
        progress(WorkProgress(stage: "inpaint", done: 1, total: 2))
        if hangs { try await Task.sleep(for: .seconds(3_600)) }
        if let failure { throw failure }
        return .sample(job)
    }
}

extension InspectedScan {
    static func complete(_ path: String, scan: Int? = nil, fingerprint: String? = nil) -> InspectedScan {
        var found = InspectedScan(scan: scan, entry: scan.map { "/\($0).1" } ?? "/entry")
        found.sources = [path]
        found.fingerprint = fingerprint ?? (try? FileStamp.read(path)).flatMap { $0 }.map { "\($0)" } ?? "gone"
        found.detector = Detector(name: "maxipix", evidence: [])
        found.completeness = Completeness(state: .complete, framesWritten: 10, framesExpected: 10, evidence: [])
        return found
    }

    static func bliss(
        _ path: String, scan: Int, _ state: Completeness.State = .complete, title: String = "ascan eta 0 1 10 1",
        frames: Int = 10, fingerprint: String = "1"
    ) -> InspectedScan {
        var found = complete(path, scan: scan, fingerprint: fingerprint)
        found.title = title
        found.completeness = Completeness(state: state, framesWritten: frames, framesExpected: 10, evidence: [])
        return found
    }
}

extension InpaintReport {
    static func sample(_ job: InpaintJob) -> InpaintReport {
        var seconds = Seconds()
        seconds.inpaint = 1.25
        seconds.total = 1.5
        var report = InpaintReport(
            input: job.input, output: job.output, dataset: "/data", shape: [10, 516, 516], dtype: "uint32",
            method: "linear", quality: Quality(pcc: 0.98, pccLinear: 0.7, pccKriging: 0.9, misfit: 1.2, samples: 4))
        report.scan = job.scan
        report.detector = "maxipix"
        report.seconds = seconds
        return report
    }
}

/// Keeps what is logged.
final class RecordingSink: JournalSink {
    private let storage = Mutex<[JournalEntry]>([])

    func write(_ entry: JournalEntry) { storage.withLock { $0.append(entry) } }

    var entries: [JournalEntry] { storage.withLock { $0 } }
    var messages: [String] { entries.map(\.message) }

    func count(_ event: JournalEvent) -> Int {
        entries.count { $0.journalFields.contains("MESSAGE_ID=\(event.rawValue)") }
    }

    var journal: Journal {
        Journal(logger: Logger(label: "test") { _ in JournalLogHandler(level: .debug, sink: self) })
    }
}

/// Keeps what is told to the service manager.
final class RecordingManager: ServiceManager {
    private let storage = Mutex<[String]>([])

    func notify(_ state: String) { storage.withLock { $0.append(state) } }

    var states: [String] { storage.withLock { $0 } }
}

/// A number that a test changes while others read it.
final class Counter: Sendable {
    private let storage: Mutex<Int>

    init(_ value: Int) { storage = Mutex(value) }

    var value: Int {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }

    func add(_ more: Int) { storage.withLock { $0 += more } }
}
