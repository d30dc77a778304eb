internal import CHDF5
internal import Foundation

/// An open HDF5 file.
package final class HDF5File: Sendable {
    package let path: String
    private let handle: HDF5Handle

    /// Opens a file for reading, without taking a lock.
    ///
    /// - Throws: ``ScanFileError`` that tells a missing file, a lack of permission and a file that is not HDF5 apart.
    package convenience init(readingFrom path: String) throws(ScanFileError) {
        try Self.checkReadable(path)
        do throws(HDF5Failure) {
            self.init(path: path, handle: try Self.open(path))
        } catch  where error.reason.contains("is already open for") {
            throw ScanFileError(
                .incomplete, path: path,
                problem: "a program has it open for writing, or died while it had; `h5clear -s` closes it after that")
        } catch {
            throw ScanFileError(path: path, problem: Self.unreadability(of: path, error))
        }
    }

    /// A writer that flushes a file leaves it shorter than its header says for a moment.
    private static func open(_ path: String) throws(HDF5Failure) -> HDF5Handle {
        var triesLeft = 5
        while true {
            do throws(HDF5Failure) {
                return try HDF5Library.perform { () throws(HDF5Failure) in
                    try HDF5Handle(H5Fopen(path, lacuna_h5f_rdonly(), lacuna_h5p_default()), "open", close: H5Fclose)
                }
            } catch  where triesLeft > 0 && error.reason.contains("truncated file") && wasChanged(path, within: 5) {
                triesLeft -= 1
                usleep(100_000)
            }
        }
    }

    private static func wasChanged(_ path: String, within seconds: Int) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && abs(time(nil) - status.st_mtim.tv_sec) <= seconds
    }

    /// Why a file of which nothing can be read is none of HDF5's, or is damaged.
    private static func unreadability(of path: String, _ failure: HDF5Failure) -> String {
        if failure.systemError != nil || failure.needsNewerLibrary { return failure.explanation }
        guard failure.reason.contains("signature not found") else {
            return "cannot be opened as HDF5: \(failure.reason); the file is damaged or still being written"
        }
        let start = FileHandle(forReadingAtPath: path).flatMap { try? $0.read(upToCount: 12) } ?? Data()
        let isText = start.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
        let shown =
            isText
            ? "the text “\(String(decoding: start, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "")…”"
            : "the bytes " + start.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "expected HDF5, .npz or .npy, found \(shown) at the beginning"
    }

    /// Creates a file, replacing one of the same name.
    ///
    /// - Parameter finalPath: the name that errors give, where the file gets another one in the end.
    package convenience init(creating path: String, for finalPath: String? = nil) throws(ScanFileError) {
        do throws(HDF5Failure) {
            let handle = try HDF5Library.perform { () throws(HDF5Failure) in
                try HDF5Handle(
                    H5Fcreate(path, lacuna_h5f_trunc(), lacuna_h5p_default(), lacuna_h5p_default()), "create",
                    close: H5Fclose)
            }
            self.init(path: path, handle: handle)
        } catch {
            let name = finalPath ?? path
            if let number = error.systemError { throw PartialFile.error(name, "cannot be created", number) }
            throw ScanFileError(.output, path: name, problem: "cannot be created: \(error.reason)")
        }
    }

    /// Opens a file for adding to it.
    package convenience init(appendingTo path: String) throws(ScanFileError) {
        try Self.checkReadable(path)
        do throws(HDF5Failure) {
            let handle = try HDF5Library.perform { () throws(HDF5Failure) in
                try HDF5Handle(H5Fopen(path, lacuna_h5f_rdwr(), lacuna_h5p_default()), "open", close: H5Fclose)
            }
            self.init(path: path, handle: handle)
        } catch {
            throw ScanFileError(.output, path: path, problem: "cannot be opened for writing: \(error.reason)")
        }
    }

    private init(path: String, handle: HDF5Handle) {
        self.path = path
        self.handle = handle
    }

    /// The root group.
    package var root: HDF5Group {
        get throws(HDF5Failure) {
            try HDF5Library.perform { () throws(HDF5Failure) in
                HDF5Group(
                    try HDF5Handle(H5Gopen2(handle.id, "/", lacuna_h5p_default()), "open /", close: H5Gclose),
                    file: self, path: "/")
            }
        }
    }

    /// Hands everything written so far to the operating system.
    package func flush() throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Fflush(handle.id, H5F_SCOPE_LOCAL) >= 0 else { throw HDF5Failure("flush") }
        }
    }

    /// The bytes that the file takes once everything is written.
    var size: Int {
        get throws(HDF5Failure) {
            try HDF5Library.perform { () throws(HDF5Failure) in
                var size: hsize_t = 0
                guard H5Fget_filesize(handle.id, &size) >= 0 else { throw HDF5Failure("measure the file") }
                return Int(size)
            }
        }
    }

    /// Sends what HDF5 still has to write into memory instead of the file, which is about to be thrown away.
    ///
    /// A file whose disk is full could otherwise not be closed: HDF5 keeps it open when its last write fails.
    func divertToMemory() {
        HDF5Library.perform {
            var place: UnsafeMutableRawPointer?
            guard H5Fget_vfd_handle(handle.id, lacuna_h5p_default(), &place) >= 0,
                let descriptor = place?.load(as: Int32.self)
            else { return }
            let memory = lacuna_memory_file()
            guard memory >= 0 else { return }
            dup2(memory, descriptor)
            close(memory)
        }
    }

    static func checkReadable(_ path: String) throws(ScanFileError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw ScanFileError(path: path, problem: String(cString: strerror(errno))) }
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            throw ScanFileError(
                path: path, problem: target.map { "is a link to \($0), which is not there" } ?? "no such file")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ScanFileError(path: path, problem: "expected a file, found \(Self.kind(status.st_mode))")
        }
        guard access(path, R_OK) == 0 else {
            throw ScanFileError(path: path, problem: "no permission to read it (as user id \(geteuid()))")
        }
        guard status.st_size > 0 else {
            throw ScanFileError(path: path, problem: "the file is empty, or still being written")
        }
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }
}
