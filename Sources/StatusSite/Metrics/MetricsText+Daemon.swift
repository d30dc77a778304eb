package import Foundation
package import WorkMessages

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
