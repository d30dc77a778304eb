internal import Foundation

/// How many files this process may have open: a virtual dataset over thousands of files needs many at once.
enum OpenFileLimit {
    /// Raises the limit as far as the system lets a process raise its own.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Why a file cannot be opened for want of room in a table of open files; `nil` for other errors.
    static func explanation(ofError number: Int32?) -> String? {
        switch number {
        case EMFILE:
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            return "this process has as many files open as it may (\(limit.rlim_cur)); the file itself may be sound: "
                + "raise LimitNOFILE of the unit or ulimit -n"
        case ENFILE: return "the system has as many files open as it may (fs.file-max); the file itself may be sound"
        default: return nil
        }
    }
}
