package import Foundation
internal import Glibc
internal import Synchronization
package import WorkMessages

/// Metrics in the text format of Prometheus, version 0.0.4.
package struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    static let type = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    /// One metric without labels; nothing where there is no value.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        guard let value else { return }
        begin(name, kind, help)
        line(name, [], value)
    }

    /// One metric with a value for each label.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(label: String, value: Double)]
    ) {
        begin(name, kind, help)
        for (value, number) in values { line(name, [(label, value)], number) }
    }

    mutating func add(_ name: String, _ help: String, _ histogram: Histogram) {
        begin(name, .histogram, help)
        var below = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            below += count
            line("\(name)_bucket", [("le", Self.number(bound))], Double(below))
        }
        line("\(name)_bucket", [("le", "+Inf")], Double(histogram.count))
        line("\(name)_sum", [], histogram.sum)
        line("\(name)_count", [], Double(histogram.count))
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

extension MetricsText {
    /// Everything that is told of the daemon.
    package init(report: StatusReport, tally: Tally.Counts, use: ProcessUse, started: Date) {
        add("lacuna_build_info", .gauge, "The version that runs.", by: "version", [(report.version ?? "", 1)])
        add(
            "lacuna_scans", .gauge, "Scans in the ledger by state.", by: "state",
            ScanState.allCases.map { ($0.rawValue, Double(report.counts[$0.rawValue] ?? 0)) })
        add("lacuna_backlog_scans", .gauge, "Scans that are ready to be taken.", Double(report.queueLength))
        add("lacuna_working", .gauge, "Scans in work.", Double(report.inWork?.count ?? 0))
        add("lacuna_paused", .gauge, "1 while scans wait for lack of space or by hand.", report.paused == nil ? 0 : 1)
        addWork(tally)
        add("process_cpu_seconds_total", .counter, "Processor time of the daemon.", use.processorSeconds)
        add(
            "lacuna_workers_cpu_seconds_total", .counter, "Processor time of the child processes that ended.",
            use.childSeconds)
        add("process_resident_memory_bytes", .gauge, "Resident memory.", use.residentBytes.map(Double.init))
        add("process_virtual_memory_bytes", .gauge, "Virtual memory.", use.virtualBytes.map(Double.init))
        add("process_open_fds", .gauge, "Open file descriptors.", use.openDescriptors.map(Double.init))
        add("process_max_fds", .gauge, "Largest number of file descriptors.", Double(use.descriptorLimit))
        add("process_start_time_seconds", .gauge, "When the daemon started.", started.timeIntervalSince1970)
    }

    private mutating func addWork(_ tally: Tally.Counts) {
        let outcomes: [(String, ScanState)] = [
            ("done", .done), ("failed", .failed), ("quarantined", .quarantined), ("put_back", .ready),
        ]
        add(
            "lacuna_attempts_total", .counter, "Attempts at scans by how they ended.", by: "outcome",
            outcomes.map { ($0.0, Double(tally.attempts[$0.1] ?? 0)) })
        add(
            "lacuna_stage_seconds_total", .counter, "Wall seconds of scans that were done by stage; stages overlap.",
            by: "stage", tally.stageSeconds.map { ($0.stage, $0.seconds) })
        add("lacuna_scan_seconds", "Wall seconds of each scan that was done.", tally.scanSeconds)
        add("lacuna_quality_pcc", "PCC of log(1+I) to be expected in the gaps of each scan that was done.", tally.pcc)
        add(
            "lacuna_quality_misfit", "Squared error in hidden gaps over that of photon noise, by scan; 1 is the limit.",
            tally.misfit)
        add(
            "lacuna_last_success_timestamp_seconds", .gauge, "When a scan was last done.",
            tally.lastSuccess?.timeIntervalSince1970)
        add(
            "lacuna_worker_peak_memory_bytes", .gauge, "Peak memory of the process that did the last scan.",
            tally.workerPeakMemoryBytes.map(Double.init))
    }
}

/// What this process takes of the machine, as proc(5) tells.
package struct ProcessUse {
    /// Processor time of this process.
    var processorSeconds: Double
    /// Processor time of the child processes that have ended.
    var childSeconds: Double
    var residentBytes: Int?
    var virtualBytes: Int?
    var openDescriptors: Int?
    var descriptorLimit: Int

    package static var now: ProcessUse {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .prefix(2).compactMap { Int($0) }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let pageSize = Int(getpagesize())
        return ProcessUse(
            processorSeconds: seconds(RUSAGE_SELF.rawValue),
            childSeconds: seconds(RUSAGE_CHILDREN.rawValue),
            residentBytes: pages?.last.map { $0 * pageSize }, virtualBytes: pages?.first.map { $0 * pageSize },
            openDescriptors: (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count,
            descriptorLimit: Int(clamping: limit.rlim_cur)
        )
    }

    private static func seconds(_ who: __rusage_who_t) -> Double {
        var usage = rusage()
        getrusage(who, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }
}

/// How often values fell below each of some bounds.
struct Histogram: Sendable, Equatable {
    /// Upper bounds, rising; the last bucket has none.
    let bounds: [Double]
    /// Values in each bucket alone, one more than there are bounds.
    private(set) var counts: [Int]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    mutating func add(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    var count: Int { counts.reduce(0, +) }
}

/// What the daemon has done since it started, counted up as Prometheus wants it.
///
/// The ledger cannot tell that: a scan that is done again replaces what stood there, and a sum over it would fall.
package final class Tally: Sendable {
    package struct Counts: Sendable {
        /// Attempts by how they ended: done, failed, quarantined, or put back (`ready`).
        var attempts: [ScanState: Int] = [:]
        /// Wall seconds; stages overlap, so they may add up to more than the scans took.
        var stageSeconds: [(stage: String, seconds: Double)] = InpaintReport.Seconds().stages
        var scanSeconds = Histogram(bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000])
        var pcc = Histogram(bounds: [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98])
        var misfit = Histogram(bounds: [1, 1.2, 1.5, 2, 3, 5, 10])
        var lastSuccess: Date?
        /// Of the process that inpainted the last scan.
        var workerPeakMemoryBytes: Int?
    }

    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    /// Takes over when an earlier daemon last succeeded.
    package func resume(lastSuccess: Date?) {
        state.withLock { $0.lastSuccess = lastSuccess }
    }

    /// Counts the end of an attempt.
    ///
    /// - Parameters:
    ///   - outcome: the state in which it left the scan.
    ///   - report: what a success reports.
    package func add(_ outcome: ScanState, _ report: InpaintReport? = nil, at now: Date) {
        state.withLock { counts in
            counts.attempts[outcome, default: 0] += 1
            guard let report else { return }
            counts.lastSuccess = now
            counts.workerPeakMemoryBytes = report.peakMemoryBytes
            counts.scanSeconds.add(report.seconds.total)
            for (index, stage) in report.seconds.stages.enumerated() {
                counts.stageSeconds[index].seconds += stage.seconds
            }
            if let pcc = report.quality.pcc { counts.pcc.add(pcc) }
            if let misfit = report.quality.misfit { counts.misfit.add(misfit) }
        }
    }
}

extension InpaintReport.Seconds {
    /// The stages by their names in reports, in the order of the work.
    fileprivate var stages: [(stage: String, seconds: Double)] {
        [("read", read), ("mask", mask), ("fine_tune", fineTune), ("inpaint", inpaint), ("write", write)]
    }
}
