internal import Glibc
internal import Synchronization

/// Ends a thread that sleeps in poll(2), from any other thread.
///
/// Where no descriptor is left for a pipe, the sleeper looks every now and then whether it is to end.
final class StopSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32
    private let raised = Atomic(false)

    /// How long a sleeper without a pipe sleeps at a time, in milliseconds.
    private static let slice: Int32 = 200

    convenience init() {
        var ends: [Int32] = [-1, -1]
        self.init(pipe: pipe(&ends) == 0 ? ends : nil)
    }

    /// - Parameter pipe: both ends of a pipe, which this object closes; `nil` where none can be made.
    init(pipe: [Int32]?) {
        let ends = pipe ?? [-1, -1]
        for end in ends where end >= 0 {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        for end in [readEnd, writeEnd] where end >= 0 { close(end) }
    }

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() {
        raised.store(true, ordering: .releasing)
        guard writeEnd >= 0 else { return }
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
        guard readEnd < 0 else { return poll(descriptor, milliseconds) }
        var left = milliseconds
        while !isRaised, left != 0 {
            let slice = left < 0 ? Self.slice : min(left, Self.slice)
            if poll(descriptor, slice) { return true }
            if left > 0 { left -= slice }
        }
        return false
    }

    private func poll(_ descriptor: Int32, _ milliseconds: Int32) -> Bool {
        var polled = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard Glibc.poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return false }
        return polled[1].revents & Int16(POLLIN) != 0
    }
}
