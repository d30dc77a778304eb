internal import Foundation
internal import Glibc

/// Ends a child process when the daemon that started it is gone, even if that was killed.
public enum ParentWatch {
    /// Starts a thread that ends this process as soon as its standard input is closed.
    ///
    /// The daemon holds the other end of the pipe and never writes to it; the kernel closes it when the daemon dies.
    /// - Parameter beforeExit: runs on that thread right before the end, e.g. to remove a temporary file.
    public static func exitWhenParentDies(beforeExit: @escaping @Sendable () -> Void = {}) {
        Thread.detachNewThread {
            waitForEndOfInput()
            beforeExit()
            _exit(1)
        }
    }

    private static func waitForEndOfInput() {
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}

/// Ends a child process that takes more memory than it may, before the whole machine runs short of it.
///
/// A limit of the kernel would do worse: where a thread cannot be made for lack of memory, the thread pool waits for ever.
public enum MemoryWatch {
    /// Ends this process when more than `limit` MiB of memory are resident.
    ///
    /// - Parameter beforeExit: says why, on a thread of its own.
    public static func exit(aboveMiB limit: Int, beforeExit: @escaping @Sendable (_ reason: String) -> Void) {
        // Should the kernel run short of memory nevertheless, the child goes and not the daemon.
        try? Data("1000".utf8).write(to: URL(filePath: "/proc/self/oom_score_adj"))
        watch(aboveMiB: limit) { reason in
            beforeExit(reason)
            _exit(1)
        }
    }

    /// Starts a thread that calls `end` once when more than `limit` MiB of memory are resident.
    static func watch(aboveMiB limit: Int, end: @escaping @Sendable (_ reason: String) -> Void) {
        Thread.detachNewThread {
            while residentMiB() <= limit { usleep(20_000) }
            end("needs more than \(limit) MiB of memory")
        }
    }

    /// Memory of this process that is in the machine's, in MiB.
    static func residentMiB() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else { return 0 }
        let fields = text.split(separator: " ")
        let pages = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}

extension ContinuousClock {
    func seconds(since start: Instant) -> Double { (now - start) / .seconds(1) }

    /// Runs `body` and adds the seconds it took to `sum`.
    func add<Result, Failure: Error>(
        to sum: inout Double, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = now
        defer { sum += seconds(since: start) }
        return try body()
    }
}

/// The most memory that this process has had resident, in bytes.
func peakMemoryBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
