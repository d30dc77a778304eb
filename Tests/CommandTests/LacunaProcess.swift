import Foundation

/// The built program, run as a user runs it.
enum LacunaProcess {
    struct Result {
        /// The exit code; 128 and the signal's number for a process that was ended by one.
        var status: Int32
        var output: String
        var errors: String
    }

    /// The executable, beside the test bundle.
    static let executable: URL = {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: runner).deletingLastPathComponent().appending(path: "lacuna")
    }()

    /// The root of the package.
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Runs `lacuna` to its end.
    static func run(_ arguments: String...) async throws -> Result { try await run(executable, arguments) }

    /// Runs a program to its end.
    static func run(_ executable: URL, _ arguments: [String], in directory: URL? = nil) async throws -> Result {
        try await aside { try runNow(executable, arguments, in: directory) }
    }

    /// Runs a program to its end while the calling thread waits; one that hangs is killed after half an hour.
    static func runNow(_ executable: URL, _ arguments: [String], in directory: URL? = nil) throws -> Result {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        // A file, so that neither stream can fill up while the other is read.
        let errors = FileManager.default.temporaryDirectory.appending(path: "lacuna-errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let executioner = process.killIfItHangs()
        defer { executioner.cancel() }
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus + (process.terminationReason == .exit ? 0 : 128),
            output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}

extension Process {
    /// Kills this process in half an hour unless that is cancelled.
    func killIfItHangs() -> DispatchWorkItem {
        let number = processIdentifier
        let executioner = DispatchWorkItem { kill(number, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 1800, execute: executioner)
        return executioner
    }
}

/// Does what makes a thread wait, a few at a time, on threads of its own: other tests go on meanwhile.
func aside<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        waitingRoom.addOperation { continuation.resume(with: Swift.Result { try body() }) }
    }
}

private let waitingRoom: OperationQueue = {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = max(2, ProcessInfo.processInfo.activeProcessorCount)
    return queue
}()

/// A user without any right to the files of the one who runs the tests.
enum Nobody {
    private static let prefix = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"]

    /// Whether a command can be run that is refused where rights are lacking: root first has to become somebody else.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return true }
        let result = try? LacunaProcess.runNow(command(["--version"]).executable, command(["--version"]).arguments)
        return result?.status == 0
    }()

    /// `lacuna` with arguments, run by a user who may read and write what its rights allow, and nothing else.
    static func command(_ arguments: [String]) -> (executable: URL, arguments: [String]) {
        guard geteuid() == 0 else { return (LacunaProcess.executable, arguments) }
        return (
            URL(filePath: "/usr/bin/setpriv"),
            prefix + [LacunaProcess.executable.path(percentEncoded: false)] + arguments
        )
    }

    /// Gives a directory and all that lies in it to that user.
    static func own(_ directory: URL) throws {
        guard geteuid() == 0 else { return }
        _ = try LacunaProcess.runNow(
            URL(filePath: "/bin/chown"), ["-hR", "65534:65534", directory.path(percentEncoded: false)])
    }
}
