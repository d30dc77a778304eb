internal import Glibc
internal import Synchronization

/// Ends a thread that sleeps in poll(2), from any other thread.
final class StopSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let raised = Atomic(false)

    init() {
        var ends: [Int32] = [-1, -1]
        let made = pipe(&ends)
        precondition(made == 0, "no file descriptor is left for a pipe")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() {
        raised.store(true, ordering: .releasing)
        var byte: UInt8 = 1
        write(writeEnd, &byte, 1)
    }

    /// Sleeps until the signal is raised, `descriptor` can be read or the time is over.
    ///
    /// - Parameters:
    ///   - descriptor: what to wait for besides; -1 for nothing.
    ///   - milliseconds: -1 for ever.
    /// - Returns: whether `descriptor` can be read.
    func wait(for descriptor: Int32 = -1, milliseconds: Int32) -> Bool {
        var polled = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return false }
        return polled[1].revents & Int16(POLLIN) != 0
    }
}
