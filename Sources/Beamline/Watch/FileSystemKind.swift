internal import Conventions
internal import Foundation

/// The kind of file system on which a path lies, e.g. `ext4` or `nfs4`, as the kernel's mount table names it.
struct FileSystemKind: Sendable, Equatable {
    var name: String

    /// - Parameter mounts: the content of `/proc/self/mountinfo`.
    init?(of path: String, mounts: String) {
        let path = AbsolutePath.normalised(path)
        var best: (point: String, kind: String)?
        for line in mounts.split(separator: "\n") {
            // 36 35 98:0 /root /mount/point options - type source superoptions; see proc(5).
            let halves = line.components(separatedBy: " - ")
            let before = halves[0].split(separator: " ")
            guard halves.count > 1, before.count > 4, let kind = halves[1].split(separator: " ").first else { continue }
            let point = Self.unescaped(before[4])
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            // A later mount on the same point covers the earlier one.
            if point.utf8.count >= best?.point.utf8.count ?? 0 { best = (point, String(kind)) }
        }
        guard let best else { return nil }
        name = best.kind
    }

    init?(of path: String) {
        guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else { return nil }
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        self.init(of: resolved, mounts: mounts)
    }

    /// Whether changes made on another machine cause no inotify events here.
    var isRemote: Bool {
        let remote = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "gpfs", "lustre", "beegfs", "ceph", "9p", "afs", "fuse"]
        return remote.contains(name) || name.hasPrefix("fuse.")
    }

    /// The mount table writes blanks in paths as `\040`.
    private static func unescaped(_ text: Substring) -> String {
        [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")].reduce(String(text)) { text, escape in
            text.replacingOccurrences(of: escape.0, with: escape.1)
        }
    }
}
