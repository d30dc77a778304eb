internal import Foundation

/// Who asked for an output file.
public enum OutputRequester: String, Sendable {
    /// A person, by `lacuna inpaint`.
    case hand
    /// The daemon.
    case watch
}

/// For which scan an output file was written and who asked for it, as the file itself says.
public struct OutputProvenance: Sendable, Equatable {
    /// Absolute path of the raw file.
    public var source: String
    /// The scan's entry in it, without a leading slash.
    public var entry: String
    /// Where the frames stand in the raw file.
    public var dataset: String
    /// `nil` in files of versions that did not say so.
    public var requester: OutputRequester?
    /// Whether a picture belongs to it.
    public var hasPicture = false

    public init(source: String, entry: String, dataset: String, requester: OutputRequester?) {
        self.source = source
        self.entry = entry
        self.dataset = dataset
        self.requester = requester
    }

    public init(of scan: Scan, dataset: String, requester: OutputRequester?) {
        self.init(
            source: scan.input, entry: String(scan.entry.drop { $0 == "/" }), dataset: dataset, requester: requester)
    }

    /// Whether a file is an output of Lacuna of another raw file.
    public static func isOfAnotherScan(_ output: String, than scan: Self) -> Bool {
        guard let found = Self(of: output) else { return false }
        return found.source != scan.source && !found.isSameScan(as: scan)
    }

    /// Reads what an output file says of itself; `nil` for a file that Lacuna did not write.
    init?(of output: String) {
        let walker = LinkWalker()
        guard let file = try? walker.file(output), let group = try? walker.root(of: file) else { return nil }
        let root = LinkedGroup(group: group, walker: walker)
        guard LacunaLayout.isOutput(root), let name = root.text("entry/inpainting/source/file_name") else { return nil }
        source = URL(filePath: name, relativeTo: URL(filePath: output).deletingLastPathComponent())
            .standardizedFileURL.path(percentEncoded: false)
        entry = root.text("entry/entry_identifier") ?? ""
        dataset = root.text("entry/inpainting/source/dataset") ?? ""
        requester = root.text("entry/inpainting/source/requested_by").flatMap(OutputRequester.init)
        hasPicture = root.integer("entry/inpainting/parameters/preview") == 1
    }

    /// Whether two outputs are of the very same frames.
    func isSameScan(as other: Self) -> Bool {
        guard entry == other.entry, dataset == other.dataset else { return false }
        return source == other.source || ((try? SourceFile(source))?.isFile(at: other.source) ?? false)
    }

    /// The path of a file as seen from a directory, both absolute.
    public static func relativePath(of file: String, from directory: String) -> String {
        let (target, base) = (file.split(separator: "/"), directory.split(separator: "/"))
        let shared = zip(target.dropLast(), base).prefix { $0 == $1 }.count
        return (base.dropFirst(shared).map { _ in ".." } + target.dropFirst(shared)).joined(separator: "/")
    }
}
