internal import Conventions
internal import Foundation
public import WorkMessages

extension StatusReport {
    /// How many failures are shown at a terminal.
    private static let failuresAsText = 50

    /// The report for people at a terminal.
    public var text: String {
        var lines = [headline, "scans: " + countsText]
        if let paused { lines.append("paused: \(paused)") }
        lines += Self.inWork(inWork ?? [])
        lines += Self.section("next:", queue.map(\.text))
        lines += Self.section("last results:", last.map(\.text))
        let shown = failed.prefix(Self.failuresAsText).map(\.text)
        let more = failed.count - shown.count
        lines += Self.section(
            "failed and quarantined (put back with lacuna retry):",
            shown + (more > 0 ? ["and \(more) more; lacuna status --json lists them"] : []))
        return lines.joined(separator: "\n")
    }

    private static func inWork(_ work: [CurrentWork]) -> [String] {
        guard work.count == 1 else { return section("in work:", work.map { "\($0.name): \($0.progress)" }) }
        return ["", "in work: \(work[0].name)", "  " + work[0].progress]
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines.map { "  " + $0 }
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
    /// One line, e.g. `#12 done /data/s_0001.h5#7 mpx1x4 network pcc 0.982 (hidden gaps: kriging 0.975, linear 0.801) 4.1 s → …`.
    public var text: String {
        var parts = ["#\(id)", state.rawValue, scan.map { "\(file)#\($0)" } ?? file]
        if let detector { parts.append(detector) }
        if state == .done { parts += outcome }
        if let reason = reason ?? remark { parts.append("(\(reason))") }
        return parts.joined(separator: " ")
    }

    private var outcome: [String] {
        func figure(_ name: String, _ value: Double?, _ digits: Int) -> String? {
            value.map { "\(name) " + String(format: "%.\(digits)f", $0) }
        }
        let others = [("kriging", pccKriging), ("linear", pccLinear)].filter { $0.0 != method }
            .compactMap { figure($0.0, $0.1, 3) }.joined(separator: ", ")
        let parts = [
            method, figure("pcc", pcc, 3), others.isEmpty ? nil : "(hidden gaps: \(others))",
            figure("misfit", misfit, 2),
            seconds.map { String(format: "%.1f s", $0) }, output.map { "→ \($0)" },
        ]
        return parts.compactMap(\.self)
    }
}

extension CurrentWork {
    /// e.g. `inpaint ██████████░░░░░░░░░░ 57/101, about 12 s left`.
    fileprivate var progress: String {
        guard let stage, let done, let total else { return "started" }
        guard total > 0 else { return stage }
        let left = etaSeconds.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
        return "\(stage) \(TextBar.text(done: done, total: total)) \(done)/\(total)\(left)"
    }
}
