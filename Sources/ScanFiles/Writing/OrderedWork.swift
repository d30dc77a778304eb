internal import Dispatch
internal import Foundation

/// Prepares items on several threads and hands them on in ascending order, one at a time.
///
/// An item waits for its turn on the thread that prepared it, so each thread holds one prepared item and no queue grows.
/// - Parameters:
///   - count: the number of items.
///   - workers: the number of threads.
///   - prepare: called with the thread's number, `0..<workers`, and the item's.
///   - commit: called with the item's number and what was prepared.
/// - Throws: what `commit` throws first; no later item is handed on.
func inOrder<Prepared, Failure: Error>(
    count: Int, workers: Int, prepare: @Sendable (_ worker: Int, _ item: Int) -> Prepared,
    commit: @Sendable (_ item: Int, Prepared) throws(Failure) -> Void
) throws(Failure) {
    let turn = NSCondition()
    // Read and changed under the lock of `turn` only.
    nonisolated(unsafe) var claimed = 0
    nonisolated(unsafe) var committed = 0
    nonisolated(unsafe) var failure: Failure?

    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { worker in
        turn.lock()
        defer { turn.unlock() }
        while claimed < count, failure == nil {
            let item = claimed
            claimed += 1
            turn.unlock()
            let prepared = prepare(worker, item)
            turn.lock()
            while committed < item, failure == nil { turn.wait() }
            if failure != nil { return }
            // Whoever has the turn is alone here even without the lock, which stays free for the others.
            turn.unlock()
            let result = Result { () throws(Failure) in try commit(item, prepared) }
            turn.lock()
            committed += 1
            if case .failure(let error) = result { failure = error }
            turn.broadcast()
        }
    }
    if let failure { throw failure }
}
