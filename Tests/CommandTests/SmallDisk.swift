import Foundation

/// A small file system that can be filled; only root may mount it.
final class SmallDisk {
    let directory: URL

    static let isPossible: Bool = {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lacuna-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        return (try? SmallDisk(at: directory, kibibytes: 16)) != nil
    }()

    /// Makes the directory and mounts a disk of so many KiB there, until this object is released.
    init(at directory: URL, kibibytes: Int, isReadOnly: Bool = false) throws {
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let options = "size=\(kibibytes)k" + (isReadOnly ? ",ro" : "")
        let result = try Self.environment("mount", "-t", "tmpfs", "-o", options, "tmpfs", path)
        guard result.status == 0 else { throw CocoaError(.executableNotLoadable) }
    }

    deinit { _ = try? Self.environment("umount", "-l", path) }

    private var path: String { directory.path(percentEncoded: false) }

    /// Fills the disk until so many bytes are left.
    ///
    /// - Returns: the file that takes the room.
    func fill(leaving rest: Int) throws -> URL {
        var status = statvfs()
        statvfs(path, &status)
        let ballast = directory.appending(path: "ballast")
        try Data(count: Int(status.f_bavail) * Int(status.f_frsize) - rest).write(to: ballast)
        return ballast
    }

    private static func environment(_ arguments: String...) throws -> LacunaProcess.Result {
        try LacunaProcess.runNow(URL(filePath: "/usr/bin/env"), arguments)
    }
}
