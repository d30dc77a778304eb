internal import Conventions
internal import Foundation

/// The files of the status page, read once.
struct PageFiles: Sendable {
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    ]

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
