internal import Foundation
internal import Glibc

/// Ends a child process that takes more memory than it may, before the whole machine runs short of it.
///
/// A limit of the kernel would do worse: where a thread cannot be made for lack of memory, the thread pool waits for ever.
public enum MemoryWatch {
    /// What a child may take beyond `memory_limit_mb`, in MiB: the program, the network and what libraries put aside.
    ///
    /// Measured: 0.4 GiB with fine-tuning, on two cores.
    public static let allowanceMiB = 2_048

    /// Starts a thread that ends this process when more than `limit` MiB of memory are resident.
    ///
    /// - Parameter beforeExit: says why, on that thread.
    public static func exit(aboveMiB limit: Int, beforeExit: @escaping @Sendable (_ reason: String) -> Void) {
        // Should the kernel run short of memory nevertheless, the child goes and not the daemon.
        try? Data("1000".utf8).write(to: URL(filePath: "/proc/self/oom_score_adj"))
        Thread.detachNewThread {
            while residentMiB() <= limit { usleep(20_000) }
            beforeExit("needs more than \(limit) MiB of memory")
            _exit(1)
        }
    }

    private static func residentMiB() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .ascii) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) >> 20 : 0
    }
}
