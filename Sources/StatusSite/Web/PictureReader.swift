internal import Conventions
internal import Foundation
internal import Glibc
internal import Synchronization

/// Reads the pictures beside the outputs on a thread that nothing else waits for: a file system may hang.
final class PictureReader: Sendable {
    private let queue = DispatchQueue(label: "lacuna.pictures")
    private let waiting = Mutex(0)

    /// More requests at a time are refused.
    private static let patience = 32
    private static let largestBytes = 16 << 20

    /// The picture of an output; `nil` where there is none.
    ///
    /// - Throws: ``Busy`` while too many pictures are being read.
    func picture(ofOutput output: String) async throws -> Data? {
        let mayWait = waiting.withLock { waiting in
            guard waiting < Self.patience else { return false }
            waiting += 1
            return true
        }
        guard mayWait else { throw Busy() }
        return await withCheckedContinuation { continuation in
            queue.async { [self] in
                let picture = Self.read(OutputName.picture(ofOutput: output))
                waiting.withLock { $0 -= 1 }
                continuation.resume(returning: picture)
            }
        }
    }

    struct Busy: Error {}

    private static func read(_ path: String) -> Data? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largestBytes
        else { return nil }
        return try? file.readToEnd()
    }
}
