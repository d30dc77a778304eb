internal import Foundation

/// A directory that vanishes with the test.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        let resolved = URL(filePath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
        path = "\(resolved)/lacuna-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, with the directories above it, and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String = "x") throws -> String {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return "\(path)/\(name)"
    }

    /// Makes a directory and returns its path.
    public func makeDirectory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }
}
