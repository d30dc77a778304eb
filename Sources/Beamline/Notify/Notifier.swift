internal import Foundation
internal import GRDB

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
                for try await _ in ledger.growth() { try await tellWhatIsNew(hook) }
            } catch is CancellationError {
                return
            } catch {
                journal.error("\(hook.name) cannot be told of scans: \(error)")
                try? await Task.sleep(for: .seconds(Examiner.troublePause))
            }
        }
    }

    private nonisolated func tellWhatIsNew(_ hook: Hook) async throws {
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
