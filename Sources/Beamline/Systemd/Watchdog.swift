internal import Foundation
internal import Synchronization

/// Tells the service manager that the daemon works, from the loops that do the work.
///
/// The sign of life goes out when every loop has turned since the last one: a loop that hangs silences it, which a timer
/// could not.
final class Watchdog: Sendable {
    enum Loop: CaseIterable {
        case examiner, workbench
    }

    /// `nil` where nobody watches.
    private let manager: (any ServiceManager)?
    /// How often a loop turns when there is nothing to do, in seconds.
    let rest: Double
    private let turned = Mutex<Set<Loop>>([])

    /// - Parameter interval: what the service manager asks for; `nil` where it asks for nothing.
    init(manager: any ServiceManager, interval: Duration?) {
        self.manager = interval == nil ? nil : manager
        rest = interval.map { $0 / .seconds(1) / 3 } ?? 3_600
    }

    /// One turn of a loop.
    func pulse(_ loop: Loop) {
        let isComplete = turned.withLock { turned in
            turned.insert(loop)
            guard turned.count == Loop.allCases.count else { return false }
            turned.removeAll()
            return true
        }
        if isComplete { manager?.notify("WATCHDOG=1") }
    }
}
