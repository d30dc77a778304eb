import Foundation
import WorkMessages

/// Ends commands that would never end: damaged files can keep the HDF5 library busy for ever.
enum ProcessorLimit {
    /// Ends this process with the exit code of an unreadable input when it has used so much processor time.
    static func end(afterSeconds seconds: rlim_t) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        limit.rlim_cur = min(seconds, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        signal(SIGXCPU) { _ in
            let message: StaticString = "lacuna: the look at the file does not end; it is damaged\n"
            write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
            _exit(FailureCause.input.exitCode)
        }
    }
}
