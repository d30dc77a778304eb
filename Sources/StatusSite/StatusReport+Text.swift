internal import Conventions
internal import Foundation
public import WorkMessages

extension StatusReport {
    /// How many failures are shown at a terminal.
    private static let failuresAsText = 50

    /// The report for people at a terminal.
    public var text: String { text(now: Date()) }

    /// - Parameter now: from which waiting times are counted.
    func text(now: Date) -> String {
        var lines = [headline, "scans: " + countsText]
        if let paused { lines.append("paused: \(paused)") }
        lines += Self.inWork(inWork ?? [])
        lines += Self.section("next:", queue.map { $0.text(now: now) })
        lines += Self.section("last results:", last.map { $0.text(now: now) })
        let shown = failed.prefix(Self.failuresAsText).map { $0.text(now: now) }
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
        lines.isEmpty ? [] : ["", title] + lines.map { "  " + $0.replacing("\n", with: "\n  ") }
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
    /// The scan at a terminal of 80 columns: what became of it and when, and on a line of its own which it is.
    ///
    /// e.g. `#12 quarantined 14:03 after 3 attempts: not an HDF5 file`, `    /data/s_0001.h5#7`.
    public var text: String { text(now: Date()) }

    func text(now: Date) -> String {
        var first = "#\(id) \(state.rawValue) \(Self.time(updated, now: now))"
        if state == .quarantined { first += " after \(attempts) attempt\(attempts == 1 ? "" : "s")" }
        if let nextAttempt, state == .failed { first += ", again \(Self.time(nextAttempt, now: now))" }
        if [.waiting, .discovered, .ready].contains(state) {
            first += " for \(Self.duration(now.timeIntervalSince(updated)))"
        }
        var words = [detector].compactMap(\.self)
        if state == .done { words += outcome }
        if !words.isEmpty { first += " " + words.joined(separator: " ") }
        if let reason = reason ?? remark { first += ": \(withoutPath(reason))" }
        let place = state == .done ? output.map { "→ \($0)" } : nil
        return first + "\n    " + (place ?? (scan.map { "\(file)#\($0)" } ?? file))
    }

    /// A reason without the name of the file, which stands below it.
    private func withoutPath(_ reason: String) -> String {
        reason.hasPrefix("\(file): ") ? String(reason.dropFirst(file.count + 2)) : reason
    }

    /// The time of day; with the date where it is more than half a day away.
    private static func time(_ date: Date, now: Date) -> String {
        let parts = Calendar.current.dateComponents([.year, .month, .day, .hour, .minute], from: date)
        let clock = String(format: "%02d:%02d", parts.hour ?? 0, parts.minute ?? 0)
        guard abs(date.timeIntervalSince(now)) > 43_200 else { return clock }
        return String(format: "%04d-%02d-%02d ", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0) + clock
    }

    /// e.g. “40 s”, “12 min”, “3 h”.
    private static func duration(_ seconds: Double) -> String {
        let whole = max(0, Int(seconds))
        return whole < 100 ? "\(whole) s" : whole < 6_000 ? "\(whole / 60) min" : "\(whole / 3_600) h"
    }

    private var outcome: [String] {
        func figure(_ name: String, _ value: Double?, _ digits: Int) -> String? {
            value.map { "\(name) " + String(format: "%.\(digits)f", $0) }
        }
        let others = [("kriging", pccKriging), ("linear", pccLinear)].filter { $0.0 != method }
        let hidden = ([(method ?? "filled", pccHidden)] + others).compactMap { figure($0.0, $0.1, 3) }
            .joined(separator: ", ")
        let parts = [
            method, figure("pcc", pcc, 3), hidden.isEmpty ? nil : "(in hidden gaps: \(hidden))",
            figure("misfit", misfit, 2), verdict,
            seconds.map { String(format: "%.1f s", $0) },
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

extension CurrentWork {
    /// The scan as people name it.
    package var name: String { AbsolutePath.name(of: file) + (scan.map { " scan \($0)" } ?? "") }

    /// One line for people.
    package var summary: String {
        var text = name
        if let stage { text += ": \(stage)" }
        if let done, let total, total > 0 { text += " \(done)/\(total)" }
        if let etaSeconds { text += ", about \(Int(etaSeconds.rounded(.up))) s left" }
        return text
    }
}
