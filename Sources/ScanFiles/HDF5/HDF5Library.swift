internal import CHDF5
internal import Conventions
internal import Foundation

/// The HDF5 library as one resource: every call goes through ``perform(_:)``, which serialises them.
enum HDF5Library {
    /// HDF5 keeps global state; builds without thread safety exist, so the lock is ours.
    private static let lock = NSRecursiveLock()

    /// The plug-ins that come with the program, since Debian's own for bitshuffle needs Python and MPI around it.
    private static let plugins = ShippedFiles.hdf5Plugins

    /// Runs once before the first call: file locks are switched off for this process.
    ///
    /// A reader that holds HDF5's default lock on a master file keeps BLISS from starting scans, and the setting on
    /// one file is not inherited by the sources of its virtual datasets, so the environment is the only safe place.
    /// Likewise HDF5 looks for raw files in the working directory, unless told that it should be beside their HDF5 file.
    private static let start: Void = {
        setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1)
        setenv("HDF5_EXTFILE_PREFIX", "${ORIGIN}", 1)
        OpenFileLimit.raise()
        // Handles close what they open; HDF5's own cleaning up at exit crashes over a file that failed to close.
        H5dont_atexit()
        H5open()
        if FileManager.default.fileExists(atPath: plugins) { H5PLappend(plugins) }
    }()

    /// Calls HDF5 alone and with its own error printing off.
    static func perform<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        _ = start
        // The setting belongs to the calling thread, hence not in `start`.
        H5Eset_auto2(lacuna_h5e_default(), nil, nil)
        return try body()
    }

    /// Of the library in use, e.g. `1.10.8`.
    static var version: String {
        var (major, minor, release) = (UInt32(0), UInt32(0), UInt32(0))
        perform { _ = H5get_libversion(&major, &minor, &release) }
        return "\(major).\(minor).\(release)"
    }

    /// The innermost message of the library's error stack, e.g. "truncated file: eof = 512, …".
    static func lastError() -> String {
        var messages: [String] = []
        withUnsafeMutablePointer(to: &messages) { messages in
            _ = H5Ewalk2(
                lacuna_h5e_default(), H5E_WALK_UPWARD,
                { _, entry, messages in
                    if let text = entry?.pointee.desc {
                        messages?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
                    }
                    return 0
                }, messages)
        }
        H5Eclear2(lacuna_h5e_default())
        return messages.first ?? "unknown HDF5 error"
    }
}

/// A failed HDF5 call: what was tried and the library's own words.
package struct HDF5Failure: Error, CustomStringConvertible {
    package var action: String
    package var reason: String

    /// Takes the reason from the library's error stack.
    init(_ action: String) {
        self.action = action
        let message = HDF5Library.lastError()
        reason = message.hasSuffix(".") ? String(message.dropLast()) : message
    }

    package init(_ action: String, reason: String) {
        self.action = action
        self.reason = reason
    }

    /// The system's error number, where the library reports one, e.g. `ENOSPC`.
    var systemError: Int32? {
        guard let number = reason.firstRange(of: "errno = ") else { return nil }
        return Int32(reason[number.upperBound...].prefix { $0.isNumber })
    }

    /// True when the disk, or the user's share of it, is full.
    var isLackOfSpace: Bool { systemError == ENOSPC || systemError == EDQUOT }

    package var description: String { "\(action): \(reason)" }
}

/// An open HDF5 identifier that is closed exactly once.
///
/// `@unchecked Sendable`: the identifier is immutable and every use of it is serialised by ``HDF5Library``.
package final class HDF5Handle: @unchecked Sendable {
    let id: hid_t
    private let close: (hid_t) -> herr_t

    /// - Throws: ``HDF5Failure`` when `id` is the negative value by which HDF5 reports an error.
    init(_ id: hid_t, _ action: @autoclosure () -> String, close: @escaping (hid_t) -> herr_t) throws(HDF5Failure) {
        guard id >= 0 else { throw HDF5Failure(action()) }
        self.id = id
        self.close = close
    }

    deinit {
        HDF5Library.perform { _ = close(id) }
    }
}

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
