internal import Detectors
internal import Foundation
internal import Volume

/// Files of the Lima detector server: `entry_0000/<instrument>/<detector>/data`, linked as `entry_0000/measurement/data`.
enum LimaLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) throws(ScanFileError) -> Bool {
        if let creator = try? root.group.textAttribute("creator"), creator.hasPrefix("LIMA") { return true }
        return root.child("entry_0000/measurement")?.link("data") != nil
    }

    /// The entries of a file, one for each acquisition into it.
    fileprivate static func acquisitions(in root: HDF5Group) throws(ScanFileError) -> [String] {
        try root.naming(root.names()).filter { $0.wholeMatch(of: /entry_\d{4}/) != nil }
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        let entries = try acquisitions(in: root.group)
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

/// What a file of the Lima detector server tells about the frames in it.
///
/// Lima creates the dataset in its full shape with the first frame and writes `end_time` when it closes the file.
struct LimaImages {
    /// The group beside the frames, e.g. `/entry_0000/ESRF-ID01/mpx1x4`.
    private let detector: LinkedGroup
    let fileName: String
    /// When Lima closed the file; `nil` while it is open.
    let endTime: String?
    let startTime: String?

    /// - Parameter dataset: The frames; `nil` comes back when they do not lie in a Lima file.
    init?(holding dataset: HDF5Dataset, walker: LinkWalker) {
        let names = dataset.path.split(separator: "/").map(String.init)
        guard names.count >= 3, names[0].hasPrefix("entry_"), let root = try? walker.root(of: dataset.file) else {
            return nil
        }
        let file = LinkedGroup(group: root, walker: walker)
        guard let entry = file.child(names[0]),
            let detector = file.child(names.dropLast().joined(separator: "/"))
        else { return nil }
        self.detector = detector
        fileName = URL(filePath: dataset.file.path).lastPathComponent
        endTime = entry.text("end_time")
        startTime = entry.text("start_time")
    }

    /// Frames of the whole acquisition, over all of its files.
    var framesAsked: Int? { detector.integer("acquisition/nb_frames") }

    var evidence: [DetectorEvidence] {
        let fields: [(DetectorEvidence.Source, String)] = [
            (.limaType, "type"), (.limaModel, "model"), (.limaName, "name"),
        ]
        return fields.compactMap { source, field in
            detector.text("detector_information/\(field)").map { DetectorEvidence(source: source, text: $0) }
        }
    }

    /// Binning, flip, rotation and region of interest, in Lima's order.
    var operations: ImageOperations {
        var operations = ImageOperations()
        guard let record = detector.child("image_operation") else { return operations }
        operations.columnBinning = max(1, record.integer("binning/x") ?? 1)
        operations.rowBinning = max(1, record.integer("binning/y") ?? 1)
        operations.flippedColumns = (record.integer("flipping/x") ?? 0) != 0
        operations.flippedRows = (record.integer("flipping/y") ?? 0) != 0
        // "None", "0", "90" or "Rotation_90".
        let digits = record.text("rotation").map { $0.filter(\.isNumber) } ?? ""
        operations.rotationDegrees = Int(digits).map { $0 % 360 } ?? 0
        operations.region = region(record, operations)
        return operations
    }

    /// The saved region; `nil` when it is the whole image, which Lima records as a region, too.
    private func region(_ record: LinkedGroup, _ operations: ImageOperations) -> ImageOperations.Region? {
        guard let rows = record.integer("region_of_interest/ysize"), rows > 0,
            let columns = record.integer("region_of_interest/xsize"), columns > 0
        else { return nil }
        let region = ImageOperations.Region(
            firstRow: record.integer("region_of_interest/ystart") ?? 0,
            firstColumn: record.integer("region_of_interest/xstart") ?? 0, rows: rows, columns: columns)
        var whole = (
            rows: (detector.integer("detector_information/max_image_size/ysize") ?? 0) / operations.rowBinning,
            columns: (detector.integer("detector_information/max_image_size/xsize") ?? 0) / operations.columnBinning
        )
        if operations.rotationDegrees % 180 != 0 { swap(&whole.rows, &whole.columns) }
        let isWhole =
            region.firstRow == 0 && region.firstColumn == 0 && region.rows == whole.rows
            && region.columns == whole.columns
        return isWhole ? nil : region
    }

    /// Fills in what the master file does not say.
    func complete(_ fields: inout DetectorFields) {
        fields.xPixelSize = fields.xPixelSize ?? positive("detector_information/pixel_size/xsize")
        fields.yPixelSize = fields.yPixelSize ?? positive("detector_information/pixel_size/ysize")
        // "Bpp16", "Bpp32S" …
        let type = detector.text("detector_information/image_lima_type") ?? ""
        fields.limaBitDepth = type.firstMatch(of: /^Bpp(\d+)/).flatMap { Int($0.1) }
    }

    private func positive(_ path: String) -> Double? {
        detector.number(path).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// The files of one Lima acquisition, `…_0000.h5`, `…_0001.h5`, …, each with room for the same number of frames.
///
/// Where no file of BLISS joins them, only their numbers do. Lima goes on counting from acquisition to acquisition, so
/// that the first file of one is known by going through all before it.
struct LimaSeries {
    enum Position: Equatable {
        case first
        /// The path of the first file.
        case later(String)
        /// The path of a file before it that is not there, so that nobody can tell.
        case unknown(String)
    }

    let position: Position
    /// The frames of one file, and of the whole acquisition, in order and without a hole.
    private(set) var datasets: [HDF5Dataset]
    /// The first file that is not there although frames are due from it.
    private(set) var lack: String?
    /// Whether Lima closed all files that are there.
    private(set) var hasEnded: Bool

    /// - Parameter dataset: the frames of the file that is looked at.
    /// - Returns: `nil` where that file holds all frames of its acquisition.
    /// - Throws: ``ScanFileError`` when a file is missing between others, or one belongs to another acquisition.
    init?(of path: String, dataset: HDF5Dataset, name: String, lima: LimaImages, walker: LinkWalker)
        throws(ScanFileError)
    {
        guard let asked = lima.framesAsked, dataset.frameCount > 0, asked > dataset.frameCount,
            let number = Self.number(of: path)
        else { return nil }
        datasets = [dataset]
        hasEnded = lima.endTime != nil
        position = Self.position(of: number, of: path, name: name, walker: walker)
        guard position == .first else { return }

        let files = number + 1..<number + Self.files(asked, room: dataset.frameCount)
        for next in files {
            let file = Self.path(number: next, like: path)
            guard access(file, F_OK) == 0 else {
                lack = lack ?? file
                continue
            }
            if let lack {
                throw ScanFileError(path: lack, problem: "is not there; \(file) after it is, so the series has a hole")
            }
            guard let (images, dataset) = try Self.images(in: file, name: name, walker: walker),
                images.framesAsked == asked
            else {
                throw ScanFileError(
                    path: file, problem: "expected frames of the acquisition of \(asked) that begins in \(path)")
            }
            if let root = try? walker.root(of: dataset.file), try LimaLayout.acquisitions(in: root).count > 1 {
                throw ScanFileError(
                    path: file,
                    problem: "holds several acquisitions, so that it is not clear which goes on from \(path)")
            }
            datasets.append(dataset)
            hasEnded = hasEnded && images.endTime != nil
        }
    }

    // MARK: Names

    private static func number(of path: String) -> Int? {
        let stem = URL(filePath: path).deletingPathExtension().lastPathComponent
        return stem.firstMatch(of: /_(\d{4,})$/).flatMap { Int($0.1) }
    }

    private static func path(number: Int, like path: String) -> String {
        let digits = "\(number)"
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return path.replacing(/_\d{4,}(\.[^.\/]*)$/) { "_\(padded)\($0.1)" }
    }

    private static func files(_ frames: Int, room: Int) -> Int { (frames + room - 1) / room }

    // MARK: Files

    private static func position(of number: Int, of path: String, name: String, walker: LinkWalker) -> Position {
        var first = 0
        while first < number {
            let file = Self.path(number: first, like: path)
            guard access(file, F_OK) == 0 else { return .unknown(file) }
            guard let (images, dataset) = try? images(in: file, name: name, walker: walker), dataset.frameCount > 0
            else { return .unknown(file) }
            let count = files(images.framesAsked ?? 1, room: dataset.frameCount)
            if first + count > number { return .later(file) }
            first += max(1, count)
        }
        return .first
    }

    private static func images(
        in file: String, name: String, walker: LinkWalker
    ) throws(ScanFileError) -> (LimaImages, HDF5Dataset)? {
        let root = try walker.root(of: walker.file(file))
        guard let dataset = try walker.open(name, from: root)?.dataset,
            let images = LimaImages(holding: dataset, walker: walker)
        else { return nil }
        return (images, dataset)
    }
}

extension LimaSeries {
    /// Why the file that was looked at is no scan of its own; `nil` for the first of the series.
    var notAScan: String? {
        switch position {
        case .first: nil
        case .later(let first): "its frames belong to the acquisition that begins in \(first)"
        case .unknown(let file): "a part of an acquisition over several files, and \(file) is not there to begin it"
        }
    }

    /// What tells whether the acquisition has ended.
    ///
    /// - Parameter written: frames that can be read.
    func marker(written: Int) -> EndMarker {
        guard hasEnded else { return .absent("end_time is not there in each of its files") }
        let room = datasets.reduce(0) { $0 + $1.frameCount }
        // Where all files are full the next one may still be to come.
        return lack != nil && written >= room ? .unknown : .present(succeeded: nil)
    }
}
