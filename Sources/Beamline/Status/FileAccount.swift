internal import Conventions
internal import Foundation
internal import Glibc
internal import SystemPackage
public import WorkMessages

/// What became of one file, whatever it is.
public struct FileAccount: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// It holds scans, or did.
        case scans
        /// A part of the scans of other files.
        case part
        /// It was looked at and is no scan.
        case notAScan = "not a scan"
        /// It is to be looked at.
        case pending
        /// The daemon never looks at it.
        case ignored
        case unreadable
        case missing
    }

    public var file: String
    public var kind: Kind
    /// In words.
    public var reason: String
    /// The scans in it, as they are now.
    public var scans: [StatusReport.Scan] = []

    /// For a person: one line for the file and one for each scan.
    public var text: String {
        ([file + ": " + reason]
            + scans.map { scan in
                let name = scan.scan.map { "scan \($0): " } ?? ""
                // The figures of a former run say nothing of what became of the scan since.
                let pcc = scan.pcc.map { String(format: "pcc %.3f", $0) }
                let figures = scan.state == .done ? [pcc, scan.verdict, scan.remark] : []
                let end = ([scan.reason] + figures + [scan.output.map { "→ \($0)" }]).compactMap { $0 }
                return "  \(name)\(scan.state.rawValue)" + (end.isEmpty ? "" : ": \(end.joined(separator: "; "))")
            }).joined(separator: "\n")
    }
}

extension FileAccount {
    /// - Parameter path: absolute.
    init(of path: String, ledger: Ledger, configuration: Configuration) async throws {
        let records = try await ledger.scans(in: path).values.sorted {
            ($0.scan ?? 0, $0.entry) < ($1.scan ?? 0, $1.entry)
        }
        (kind, reason) = try await Self.judge(
            path, hasScans: !records.isEmpty, lastLook: ledger.lastLook(at: path), configuration)
        file = path
        scans = records.map { record in
            var scan = StatusReport.Scan(record)
            if scan.state == .done, let output = scan.output, access(output, F_OK) != 0, errno == ENOENT {
                scan.reason = "its output \(output) is not there any more; lacuna retry makes it anew"
                scan.output = nil
            }
            return scan
        }
    }

    private static func judge(
        _ path: String, hasScans: Bool, lastLook: (outcome: String, stamp: FileStamp)?, _ configuration: Configuration
    ) -> (Kind, String) {
        let name = AbsolutePath.name(of: path)
        guard let root = configuration.root(of: path) else {
            return (.ignored, "lies in none of the watched trees")
        }
        let directories = root.relativePath(of: path).split(separator: "/").dropLast()
        if let hidden = directories.first(where: { !FileNames.isTraversed(String($0)) }) {
            return (.ignored, "lies in \(hidden), and what begins with a dot is left out")
        }
        let found: FileStamp?
        do throws(Errno) { found = try FileStamp.read(path) } catch {
            return (.unreadable, "cannot be reached: \(error)")
        }
        guard let stamp = found else {
            return (.missing, hasScans ? "is not there any more" : "is no file that is there")
        }
        if OutputName.isOutput(name) { return (.ignored, "is an output of Lacuna by its name") }
        guard FileNames.mayHoldScan(name) else {
            return (.ignored, "is none of \(FileNames.endings.joined(separator: ", ")), or hidden")
        }
        guard Ledger.isReadable(path) else { return (.unreadable, "this user may not read it") }
        if case .others(let owners) = FileOwner(of: path) {
            return (.part, "is a part of \(owners.joined(separator: ", "))")
        }
        guard let lastLook else { return (.pending, "was not looked at yet") }
        if lastLook.stamp != stamp, FrameSeriesName(path: path) == nil {
            return (.pending, "has changed since it was looked at")
        }
        if lastLook.outcome == Ledger.unreadable { return (.unreadable, "could not be read when it was looked at") }
        return hasScans ? (.scans, lastLook.outcome) : (.notAScan, "not a scan: \(lastLook.outcome)")
    }
}
