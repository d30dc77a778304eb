internal import Foundation
internal import GRDB
internal import WorkMessages

/// Tells the hooks of scans that ended.
///
/// Each hook has a loop of its own, which nothing waits for: a target that hangs keeps no scan and no other hook waiting.
/// What it was not told yet stays in the ledger. A target that refuses is asked three times; one that cannot be reached,
/// until it can.
actor Notifier {
    private let ledger: Ledger
    private let journal: Journal
    private let messenger: HookMessenger
    /// By the name of the hook.
    private var loops: [String: (hook: Hook, task: Task<Void, Never>)] = [:]

    /// How often a target may refuse one notice.
    static let refusals = 3
    /// The longest pause after a failure, in seconds; the first is one second, each further one twice as long.
    static let longestPause = 60.0

    init(ledger: Ledger, journal: Journal, messenger: HookMessenger = HookMessenger()) {
        self.ledger = ledger
        self.journal = journal
        self.messenger = messenger
    }

    /// Tells these hooks from now on, and no others.
    func use(_ hooks: [Hook]) async {
        for (name, loop) in loops where !hooks.contains(loop.hook) {
            loop.task.cancel()
            loops[name] = nil
        }
        do {
            try await ledger.tell(only: hooks.map(\.name))
        } catch {
            journal.error("hooks cannot be told: \(error)")
            return
        }
        for hook in hooks where loops[hook.name] == nil {
            loops[hook.name] = (hook, Task { await serve(hook) })
        }
    }

    func end() async {
        for loop in loops.values { loop.task.cancel() }
        loops = [:]
    }

    private nonisolated func serve(_ hook: Hook) async {
        while !Task.isCancelled {
            do {
                for try await _ in ledger.growth() { try await sendNews(hook) }
            } catch is CancellationError {
                return
            } catch {
                journal.error("\(hook.name) cannot be told of scans: \(error)")
                try? await Task.sleep(for: .seconds(Examiner.troublePause))
            }
        }
    }

    private nonisolated func sendNews(_ hook: Hook) async throws {
        var failures = 0
        while let notice = try await ledger.nextNotice(for: hook.name, states: hook.states) {
            try Task.checkCancellation()
            let answer = await messenger.deliver(try notice.json, to: hook)
            try Task.checkCancellation()
            switch answer {
            case .taken:
                if failures > 0 { journal.note(.hookTrouble, "\(hook.name) takes notices again") }
                failures = 0
                try await ledger.noteTold(hook.name, upTo: notice.id)
                continue
            case .refused(let reason) where failures + 1 >= Self.refusals:
                journal.warn(.hookTrouble, "\(hook.name) refused notice \(notice.id), which is dropped: \(reason)")
                failures = 0
                try await ledger.noteTold(hook.name, upTo: notice.id)
                continue
            case .refused(let reason), .silent(let reason):
                if failures == 0 {
                    journal.warn(.hookTrouble, "\(hook.name) does not take notices: \(reason); scans go on meanwhile")
                }
                failures += 1
                try await Task.sleep(for: .seconds(min(Self.longestPause, pow(2, Double(min(failures, 10) - 1)))))
            }
        }
    }
}

/// What a hook is told of one change of one scan.
struct Notice: Encodable, Sendable {
    /// Grows with each change; a notice that is told twice, since the daemon was killed meanwhile, has the same.
    var id: Int64
    var time: Date
    /// The scan as it is now, but with state and reason of the change.
    var scan: StatusReport.Scan

    /// As one object of JSON.
    var json: Data {
        get throws { try StatusReport.encoder.encode(self) }
    }
}

/// The ledger's timeline of each scan is the queue of notices, so that none is lost when the daemon is killed.
extension Ledger {
    /// Begins to tell some hooks, of what happens from now on, and forgets those that are not among them.
    func tell(only targets: [String]) async throws {
        try await database.write { database in
            for target in targets {
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO hook (target, told)
                        VALUES (?, IFNULL((SELECT MAX(id) FROM transition), 0))
                        """,
                    arguments: [target])
            }
            for known in try String.fetchAll(database, sql: "SELECT target FROM hook") where !targets.contains(known) {
                try database.execute(sql: "DELETE FROM hook WHERE target = ?", arguments: [known])
            }
        }
    }

    /// The next change that a hook is to be told of.
    func nextNotice(for target: String, states: Set<ScanState>) async throws -> Notice? {
        try await database.read { database in
            let wanted = states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT id, scan_id, at, state, reason FROM transition
                    WHERE id > (SELECT told FROM hook WHERE target = ?) AND state IN (\(wanted)) ORDER BY id LIMIT 1
                    """,
                arguments: [target])
            guard let row, let record = try ScanRecord.fetchOne(database, key: row["scan_id"] as Int64),
                let state = ScanState(rawValue: row["state"])
            else { return nil }
            var scan = StatusReport.Scan(record)
            (scan.state, scan.reason) = (state, row["reason"])
            return Notice(id: row["id"], time: row["at"], scan: scan)
        }
    }

    /// Notes that a hook was told everything up to a notice.
    func noteTold(_ target: String, upTo id: Int64) async throws {
        try await database.write { database in
            try database.execute(sql: "UPDATE hook SET told = ? WHERE target = ?", arguments: [id, target])
        }
    }

    /// Elements whenever the timeline of a scan grew.
    func growth() -> AsyncValueObservation<Int64?> {
        ValueObservation.tracking { try Int64.fetchOne($0, sql: "SELECT MAX(id) FROM transition") }
            .values(in: database, bufferingPolicy: .bufferingNewest(1))
    }
}
