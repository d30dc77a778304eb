package import Foundation
internal import Synchronization
package import WorkMessages

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
