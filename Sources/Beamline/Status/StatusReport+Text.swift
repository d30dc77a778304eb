internal import Foundation

extension StatusReport {
    /// How many failures are shown at a terminal.
    private static let failuresAsText = 50

    /// The report for people at a terminal.
    public var text: String {
        var lines = [headline]
        if let paused { lines.append("paused: \(paused)") }
        if let current { lines.append("in work: \(current.summary)") }
        lines.append("scans: " + countsText)
        if !last.isEmpty { lines += ["", "last results:"] + last.map { "  " + $0.text } }
        if !failed.isEmpty {
            lines += ["", "failed and quarantined (put back with lacuna retry):"]
            lines += failed.prefix(Self.failuresAsText).map { "  " + $0.text }
            let more = failed.count - Self.failuresAsText
            if more > 0 { lines.append("  and \(more) more; lacuna status --json lists them") }
        }
        return lines.joined(separator: "\n")
    }

    private var headline: String {
        guard running else { return "daemon not running; this is what its ledger remembers" }
        guard let pid else { return "daemon running, but it does not answer this user; this is from its ledger" }
        let uptime = Int(uptimeSeconds ?? 0)
        let days = uptime >= 86_400 ? "\(uptime / 86_400) d " : ""
        let clock = String(format: "%02d:%02d:%02d", uptime / 3_600 % 24, uptime / 60 % 60, uptime % 60)
        return "lacuna \(version ?? ""), process \(pid), up \(days)\(clock), \(configuration ?? "")"
    }

    private var countsText: String {
        let parts = ScanState.allCases.compactMap { state in
            counts[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        return parts.isEmpty ? "none yet" : parts.joined(separator: ", ")
    }
}

extension StatusReport.Scan {
    /// One line, e.g. `#12 done /data/s_0001.h5#7 mpx1x4 pcc 0.982 4.1 s → /data/s_0001_scan0007_inpainted.h5`.
    public var text: String {
        var parts = ["#\(id)", state.rawValue, scan.map { "\(file)#\($0)" } ?? file]
        if let detector { parts.append(detector) }
        if state == .done {
            if let pcc { parts.append("pcc " + String(format: "%.3f", pcc)) }
            if let seconds { parts.append(String(format: "%.1f s", seconds)) }
            if let output { parts.append("→ \(output)") }
        }
        if let reason = reason ?? remark { parts.append("(\(reason))") }
        return parts.joined(separator: " ")
    }
}
