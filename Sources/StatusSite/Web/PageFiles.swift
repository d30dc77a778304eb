internal import Conventions
internal import Foundation
internal import Glibc
internal import Synchronization

/// The files of the status page, read once.
struct PageFiles: Sendable {
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    ]

    /// The page of a scan, whichever it is.
    static let scanPage = "/scan.html"

    /// By the path under which they are asked for.
    private var responses: [String: WebResponse] = [:]

    /// - Parameter directory: where the files lie; `nil` where none are installed.
    init(directory: String?) {
        guard let directory, let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return }
        for name in names {
            guard let type = Self.types[URL(filePath: name).pathExtension],
                let content = FileManager.default.contents(atPath: AbsolutePath.joined(directory, name))
            else { continue }
            // The browser may keep a file, and asks whether it is still the same.
            let path = name == "index.html" ? "/" : "/\(name)"
            responses[path] = WebResponse(content, type: type, headers: ["Cache-Control": "no-cache"])
        }
    }

    subscript(path: String) -> WebResponse? { responses[path] }
}

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

/// A value that many ask for and that is made anew only when it has grown old.
actor RecentValue<Value: Sendable> {
    private let age: Duration
    private let make: @Sendable () async throws -> Value
    private var last: (value: Task<Value, any Error>, time: ContinuousClock.Instant)?

    /// - Parameter age: how old a value may be when it is given out.
    init(age: Duration, make: @escaping @Sendable () async throws -> Value) {
        self.age = age
        self.make = make
    }

    var value: Value {
        get async throws {
            let now = ContinuousClock.now
            if let last, now - last.time < age { return try await last.value.value }
            let task = Task { [make] in try await make() }
            last = (task, now)
            return try await task.value
        }
    }
}
