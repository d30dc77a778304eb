internal import Foundation
internal import Volume

/// Files of the Lima detector server: `entry_0000/<instrument>/<detector>/data`, linked as `entry_0000/measurement/data`.
enum LimaLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) throws(ScanFileError) -> Bool {
        if let creator = try? root.group.textAttribute("creator"), creator.hasPrefix("LIMA") { return true }
        return root.child("entry_0000/measurement")?.link("data") != nil
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        let entries = try root.names().filter { $0.wholeMatch(of: /entry_\d{4}/) != nil }
        var scan = Scan(input: request.path, entry: "/" + (entries.first ?? ""))
        let bliss = BlissLayout.datasetFile(above: request.path)
        let part = try read(&scan, entries: entries, root: root, request: request, joinsFiles: bliss == nil)
        return ScanFile(
            path: request.path, layout: .lima, scans: [scan],
            notAScan: bliss.map { "its frames belong to a scan of \($0)" } ?? part)
    }

    /// - Returns: why the file is no scan of its own, where it is a later part of an acquisition.
    private static func read(
        _ scan: inout Scan, entries: [String], root: LinkedGroup, request: ScanRequest, joinsFiles: Bool
    ) throws(ScanFileError) -> String? {
        var choice = request.choice
        if let path = request.dataset {
            guard let dataset = try root.node(path)?.dataset else {
                throw ScanFileError(path: request.path, dataset: path, problem: "there is no such dataset")
            }
            choice.choose([dataset], name: path, detector: root)
        } else {
            for entry in entries {
                let measurement = root.child("\(entry)/measurement") ?? root
                choice.consider("data", of: measurement, name: "/\(entry)/measurement/data", detector: measurement)
            }
        }
        scan.candidates = choice.candidates.map(\.name)
        var finding = StackFinding()
        var lima: LimaImages?
        var series: LimaSeries?
        do throws(ScanFileError) {
            let candidate = try choice.only(in: request.path)
            let dataset = candidate.datasets[0]
            lima = LimaImages(holding: dataset, walker: root.walker)
            if joinsFiles, entries.count == 1, let lima {
                series = try LimaSeries(
                    of: request.path, dataset: dataset, name: candidate.name, lima: lima, walker: root.walker)
            }
            finding = try StackInspector.inspect(
                series?.datasets ?? candidate.datasets, name: candidate.name, walker: root.walker)
            scan.entry = "/" + (dataset.path.split(separator: "/").first ?? "")
            scan.title = root.text("\(scan.entry)/title")
            let group = root.child(dataset.path.split(separator: "/").dropLast().joined(separator: "/"))
            scan.describe(detector: group ?? root, sources: finding.stack?.sources ?? [])
            lima?.describe(&scan)
        } catch { finding.problem = error }
        scan.startTime = lima?.startTime
        scan.endTime = lima?.endTime

        let frames = finding.stack?.shape.frames
        scan.completeness.evidence = [scan.endTime.map { "end_time is \($0)" } ?? "end_time is not there"]
        if let asked = lima?.framesAsked { scan.completeness.evidence.append("nb_frames is \(asked)") }
        if let series, let asked = lima?.framesAsked, series.position == .first {
            scan.completeness.evidence.append(
                "\(series.datasets.count) files" + (series.lack.map { ", \($0) is not there" } ?? ""))
            scan.judge(
                finding, marker: series.marker(written: finding.leadingFrames), expected: asked)
        } else {
            let marker: EndMarker =
                scan.endTime == nil ? .absent("\(scan.entry)/end_time is not there") : .present(succeeded: nil)
            scan.judge(
                finding, marker: marker, expected: expected(in: request.path, room: frames, asked: lima?.framesAsked))
        }
        if let part = series?.notAScan { scan.remarks.append(part) }
        scan.fingerprint = ScanFiles.fingerprint(
            of: (finding.stack?.sources ?? []).map(\.fact) + [scan.endTime ?? "", "\(series?.hasEnded ?? true)"])
        return series?.notAScan
    }

    /// The frames that this file should hold: an acquisition may go over several files of equal room.
    private static func expected(in path: String, room: Int?, asked: Int?) -> Int? {
        guard let room, let asked else { return room }
        let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
        let index = stem.firstMatch(of: /_(\d{4})$/).flatMap { Int($0.1) } ?? 0
        let left = asked - index * room
        return left > 0 ? min(left, room) : room
    }
}
