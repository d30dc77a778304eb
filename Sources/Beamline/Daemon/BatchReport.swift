internal import Foundation
internal import GRDB
public import WorkMessages

/// What a run over whole trees came to: the table at the end of `lacuna watch --once`.
public struct BatchReport: Sendable, Equatable {
    /// Scans that came to the same end.
    public struct Outcome: Sendable, Equatable {
        public var state: ScanState
        /// How many scans, by the reason that was given; those without one are under the empty text.
        public var reasons: [String: Int]
        /// The scans with their reasons, where a person has to look at each.
        public var scans: [String] = []

        public var count: Int { reasons.values.reduce(0, +) }
    }

    /// The scans that this run brought to their present state, state by state.
    public var outcomes: [Outcome]
    /// Scans that an earlier run had done.
    public var doneBefore: Int
    /// Mean over the scans done in this run; `nil` where none could be scored.
    public var meanPCC: Double?
    public var seconds: Double

    /// How many scans this run left in a state.
    public func count(_ state: ScanState) -> Int { outcomes.first { $0.state == state }?.count ?? 0 }
}

extension BatchReport {
    init(ledger: Ledger, since start: Date, seconds: Double) async throws {
        let records = try await ledger.database.read { database in
            try ScanRecord.filter(ScanRecord.Columns.updatedAt >= start).fetchAll(database)
        }
        let byState = Dictionary(grouping: records, by: \.state)
        outcomes = ScanState.allCases.compactMap { state in
            guard let records = byState[state] else { return nil }
            let reasons = records.map { ($0.reason ?? "").replacing("\($0.file): ", with: "") }
            var outcome = Outcome(state: state, reasons: Dictionary(reasons.map { ($0, 1) }, uniquingKeysWith: +))
            if Self.troubles.contains(state) {
                outcome.scans = zip(records, reasons).map { "\($0.name): \($1)" }.sorted()
            }
            return outcome
        }
        let done = byState[.done] ?? []
        doneBefore = (try await ledger.counts()[.done] ?? 0) - done.count
        let scores = done.compactMap(\.pcc)
        meanPCC = scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
        self.seconds = seconds
    }

    /// The states of scans that a person has to look at.
    private static let troubles: [ScanState] = [.failed, .quarantined, .stale]

    /// Whether scans failed in this run.
    public var hasFailures: Bool { Self.troubles.contains { count($0) > 0 } }

    /// Reasons that are shown for a state.
    private static let reasonsAsText = 20

    /// The table for people at a terminal.
    public var text: String {
        var lines: [String] = []
        for outcome in outcomes {
            var line = Self.line(outcome.state.rawValue, outcome.count)
            if outcome.state == .done, let meanPCC { line += "  mean pcc " + String(format: "%.3f", meanPCC) }
            lines.append(line)
            if !outcome.scans.isEmpty {
                lines += outcome.scans.prefix(Self.reasonsAsText).map { "  \($0)" }
                let more = outcome.scans.count - Self.reasonsAsText
                if more > 0 { lines.append("  and \(more) more; lacuna status --json lists them") }
                continue
            }
            let reasons = outcome.reasons.filter { !$0.key.isEmpty }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            lines += reasons.prefix(Self.reasonsAsText).map { Self.line("", $0.value) + "  \($0.key)" }
            let more = reasons.count - Self.reasonsAsText
            if more > 0 { lines.append("  and \(more) more reasons") }
        }
        if doneBefore > 0 { lines.append(Self.line("done before", doneBefore)) }
        if lines.isEmpty { lines.append("no scans") }
        let whole = Int(seconds.rounded())
        lines.append("time " + String(format: "%d:%02d:%02d", whole / 3_600, whole / 60 % 60, whole % 60))
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ count: Int) -> String {
        let number = "\(count)"
        let gap = max(1, 20 - name.count - number.count)
        return name + String(repeating: " ", count: gap) + number
    }
}

/// How far a run over whole trees has come.
public struct BatchProgress: Sendable {
    /// What is being done now, for people.
    public var current: String
    /// Scans that are settled.
    public var settled: Int
    /// Scans, and files that are still to be looked at.
    public var total: Int
}
