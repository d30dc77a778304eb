internal import CSystemd
internal import Foundation
internal import Glibc

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
