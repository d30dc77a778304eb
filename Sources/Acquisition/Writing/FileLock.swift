internal import Foundation
internal import ScanFiles

/// An exclusive lock on a file, held as long as the value lives.
///
/// It is the lock that HDF5 takes on a file opened for writing (flock). Lacuna switches HDF5's own locks off for the
/// whole process, for the sake of the files it reads; as a stand-in for the beamline's writers it takes them itself.
struct FileLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: where the file cannot be opened or where another process holds a lock on it.
    init(_ path: String) throws(ScanFileError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ScanFileError(.output, path: path, problem: "cannot be locked: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ScanFileError(.output, path: path, problem: "is locked by another process")
        }
    }

    deinit { close(descriptor) }
}
