import Foundation

/// A scan whose inpainting takes longer than any of the tests, though it takes no room: its counts are a hole.
enum LongScan {
    @discardableResult
    static func write(in daemon: RestartableDaemon) async throws -> URL {
        let overrides = daemon.directory.appending(path: "detectors.d")
        try FileManager.default.createDirectory(at: overrides, withIntermediateDirectories: true)
        try "name: maxipix-2x2\nfile_patterns: [\"long*\"]\n"
            .write(to: overrides.appending(path: "site.yaml"), atomically: true, encoding: .utf8)

        let file = daemon.data.appending(path: "long.npy")
        try HollowArray.write(to: file, shape: [50_000, 516, 516])
        return file
    }

    static func hasPartialOutput(_ directory: URL) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: directory.plainPath).contains { $0.hasSuffix(".partial") }
    }
}
