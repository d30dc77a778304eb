internal import CSystemd
internal import Foundation
internal import Glibc
internal import Synchronization

/// The service manager that started the daemon, as sd_notify(3) reaches it; without one all of this has no effect.
protocol ServiceManager: Sendable {
    func notify(_ state: String)
}

struct Systemd: ServiceManager {
    func notify(_ state: String) {
        sd_notify(0, state)
    }

    /// The time within which the watchdog wants a sign of life; `nil` where there is no watchdog.
    static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}

extension ServiceManager {
    /// The watches are set.
    func ready() { notify("READY=1") }

    /// The text that `systemctl status` shows.
    func status(_ text: String) { notify("STATUS=\(text.replacing("\n", with: " "))") }

    /// The configuration is being read again; ``ready()`` follows.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        notify("RELOADING=1\nMONOTONIC_USEC=\(Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1_000)")
    }

    /// The start takes longer.
    func extendStart(bySeconds seconds: Int) { notify("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)") }

    func stopping() { notify("STOPPING=1") }
}

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
