internal import Foundation
internal import WorkMessages

/// What people say about the order of work, taken up by a running daemon.
struct QueueControl: Sendable {
    let ledger: Ledger
    let examiner: Examiner
    let board: StatusBoard
    let journal: Journal
    /// Wakes the workbench.
    let bell: Bell

    /// Has scans wait, or go on again.
    func pause(_ request: PauseRequest) async throws -> PauseAnswer {
        let trees = try await ledger.pause(request, at: Date())
        journal.note(.scansPaused, trees.text.map { "paused: \($0)" } ?? "nothing is paused any more")
        bell.ring()
        return PauseAnswer(trees)
    }

    /// Has the scans of a file come first.
    func submit(_ file: String) async throws -> Submission {
        try await examiner.submit(file)
        return try await submission(of: file)
    }

    /// How a file that was submitted fares.
    func submission(of file: String) async throws -> Submission {
        var submission = try await ledger.submission(of: file)
        submission.work = board.work.first { $0.file == file }
        return submission
    }
}
