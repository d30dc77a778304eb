internal import Foundation
internal import Synchronization

/// Lets one loop sleep until somebody rings or some time has come.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let time: any TimeSource
    private let state = Mutex(State())

    init(time: any TimeSource) {
        self.time = time
    }

    /// Wakes the sleeper, or spares it the next sleep.
    func ring() {
        let sleeper = state.withLock { state in
            state.hasRung = state.sleeper == nil
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until the bell rings, until `date`, or until the task is cancelled. One loop may sleep at a time.
    func wait(until date: Date) async {
        guard date > time.now else { return }
        let timer = Task {
            try? await time.sleep(until: date)
            if !Task.isCancelled { ring() }
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = state.withLock { state in
                    if state.hasRung || Task.isCancelled {
                        state.hasRung = false
                        return true
                    }
                    state.sleeper = continuation
                    return false
                }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}
