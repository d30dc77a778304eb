internal import Conventions
internal import Detectors
internal import Foundation
internal import Volume

/// Scans that are recorded as image files, EDF or TIFF: a series with one frame to a file, or several images in one file.
enum ImageLayout {
    /// - Returns: `nil` when the input is neither a directory nor an image file nor the name of a series.
    static func open(_ request: ScanRequest) throws(ScanFileError) -> ScanFile? {
        if isDirectory(request.path) { return try openOnly(in: request) }
        if let name = FrameSeriesName(path: request.path), access(request.path, F_OK) != 0 {
            return try open(name, request)
        }
        guard let file = try ImageFile.open(request.path) else {
            guard FrameSeriesName.ending(of: request.path) != nil else { return nil }
            throw ScanFileError(path: request.path, problem: "expected an EDF or TIFF image, found something else")
        }
        if file.places.count == 1, let name = FrameSeriesName(ofFrame: request.path) { return try open(name, request) }
        return open(file, request)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    /// The only series of a directory, or its only image file.
    private static func openOnly(in request: ScanRequest) throws(ScanFileError) -> ScanFile? {
        let (series, others) = try FrameSeries.content(of: request.path)
        switch (series.count, others.count) {
        case (1, _): return try open(series[0], request)
        case (0, 1):
            var request = request
            request.path = others[0]
            return try open(request)
        case (0, 0):
            throw ScanFileError(
                path: request.path, problem: "expected a file, found a directory without EDF or TIFF frames")
        default:
            let names = series.map(\.name) + (series.isEmpty ? others.map(AbsolutePath.name) : [])
            let shown = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
            throw ScanFileError(
                path: request.path, problem: "holds \(names.count) series of frames: name one of them, \(shown)")
        }
    }

    // MARK: One file

    private static func open(_ file: ImageFile, _ request: ScanRequest) -> ScanFile {
        var scan = Scan(input: request.path, entry: "/")
        var finding = StackFinding()
        finding.stack = stack(named: "", of: file.images.map { $0 }, form: file.form, sources: [file.source])
        scan.describe(file, series: nil)
        scan.judge(finding, marker: .unknown, expected: file.places.count)
        scan.fingerprint = ScanFiles.fingerprint(of: [file.source.fact])
        let word = OtherContent.word(inFileName: AbsolutePath.name(of: request.path))
        let notAScan =
            file.places.count == 1
            ? "one image, which is no series of frames"
            : word.map { "is named a “\($0)”, which is no scan" }
        return ScanFile(path: request.path, layout: .imageStack, scans: [scan], notAScan: notAScan)
    }

    // MARK: A series

    private static func open(_ name: FrameSeriesName, _ request: ScanRequest) throws(ScanFileError) -> ScanFile {
        let series = try FrameSeries(name)
        let headers = FrameHeaders(of: series)
        var file = ScanFile(path: name.path, layout: .frameSeries, scans: [], notAScan: nil)
        if series.numbers.isEmpty {
            file.notAScan = "there is no such file, whatever the number"
        } else if headers.hasStacks {
            file.scans = series.numbers.map { scan(ofStack: $0, headers) }
        } else {
            switch SpecOrigin(of: series) {
            case .unknown:
                file.scans =
                    headers.scans?.sorted { $0.key < $1.key }.map { scan(headers, $0.value, number: $0.key) }
                    ?? [scan(headers, series.numbers, of: nil)]
            case .whole(_, let spec): file.scans = [scan(headers, series.numbers, of: spec)]
            case .parts(_, let parts): file.scans = parts.compactMap { scan(headers, of: $0) }
            }
        }
        if let selection = request.selection, file.scans.contains(where: { $0.number != nil }) {
            file.scans.removeAll { scan in
                BlissEntryName(String(scan.entry.dropFirst())).map { !selection.takes($0) } ?? true
            }
            if file.scans.isEmpty { throw ScanFileError(path: name.path, problem: "there is no scan \(selection)") }
        }
        return file
    }

    /// The scan in one file of several that each hold a stack of images.
    private static func scan(ofStack number: Int, _ headers: FrameHeaders) -> Scan {
        var scan = Scan(input: headers.series.name.path, number: number, entry: "/\(number).1")
        scan.label = "_\(headers.series.files[number]?.digits ?? "")"
        var finding = StackFinding()
        switch headers.files[number] {
        case .success(let file):
            finding.stack = stack(
                named: AbsolutePath.name(of: file.source.path), of: file.images, form: file.form,
                sources: [file.source])
            scan.describe(file, series: headers.series.name)
            scan.fingerprint = ScanFiles.fingerprint(of: [file.source.fact])
        case .failure(let error):
            finding.problem = error
            scan.fingerprint = headers.fingerprint(of: [number])
        case nil: break
        }
        scan.judge(finding, marker: .unknown, expected: finding.stack?.shape.frames)
        return scan
    }

    /// The scan that SPEC says some of the images belong to; `nil` where none of these is there.
    private static func scan(_ headers: FrameHeaders, of part: SpecOrigin.Part) -> Scan? {
        guard let last = part.numbers.lastIndex(where: { headers.files[$0] != nil }) else { return nil }
        var scan = scan(headers, Array(part.numbers[...last]), areAll: true, of: part.scan)
        let order = part.scan.order == 1 ? "" : ".\(part.scan.order)"
        scan.label = "_scan\(part.scan.number.digits(atLeast: 4))\(order)"
        scan.evidence.insert(DetectorEvidence(source: .groupName, text: part.camera), at: 0)
        return scan
    }

    /// The scan that the headers of some frames name by its number.
    private static func scan(_ headers: FrameHeaders, _ numbers: [Int], number: Int) -> Scan {
        var scan = scan(headers, numbers, of: nil)
        scan.number = number
        // A title there is a person's text, and no command that rules for titles could be meant for.
        scan.title = nil
        scan.entry = "/\(number).1"
        scan.label = "_scan\(number.digits(atLeast: 4))"
        return scan
    }

    /// - Parameters:
    ///   - numbers: of its files.
    ///   - areAll: whether these are the numbers of all its frames, some of whose files may not be there.
    ///   - spec: what SPEC says of the scan.
    private static func scan(
        _ headers: FrameHeaders, _ numbers: [Int], areAll: Bool = false, of spec: SpecScan?
    ) -> Scan {
        let name = headers.series.name
        var (frames, gap) = (numbers, ScanFileError?.none)
        if !areAll {
            do throws(ScanFileError) { frames = try headers.span(of: numbers) } catch { gap = error }
        }
        var scan = Scan(input: name.path, number: spec?.number, entry: spec.map { "/\($0.entry)" } ?? "/")
        var finding = headers.finding(of: frames)
        finding.problem = gap ?? finding.problem
        if let file = numbers.lazy.compactMap({ try? headers.files[$0]?.get() }).first {
            scan.describe(file, series: name)
        }
        scan.title = spec?.command ?? headers.title
        scan.startTime = spec?.startTime
        scan.fingerprint = headers.fingerprint(of: numbers, spec?.facts ?? [])
        scan.add(headers.missing(in: frames), in: name)
        scan.framePause = finding.stack?.longestPause
        let written = finding.problem == nil ? finding.leadingFrames : 0
        let files = frames.count { headers.files[$0] != nil }
        scan.completeness.evidence = ["\(files) of the files \(name.name)"]
        guard let spec else {
            scan.judge(finding, marker: .unknown, expected: finding.stack?.shape.frames)
            scan.scannedMotor = headers.scannedMotor(of: Array(frames.prefix(written)))
            return scan
        }
        scan.completeness.evidence.append(spec.evidence)
        scan.judge(finding, marker: spec.marker(written: written), expected: spec.pointsAsked ?? spec.points)
        if let motor = spec.scannedMotor, motor.values.count >= scan.completeness.framesWritten {
            let values = Array(motor.values.prefix(scan.completeness.framesWritten))
            scan.scannedMotor = ScannedMotor(name: motor.name, values: values, units: nil)
        } else {
            scan.scannedMotor = headers.scannedMotor(of: Array(frames.prefix(scan.completeness.framesWritten)))
        }
        return scan
    }

    static func stack(
        named dataset: String, of images: [ImageLocation?], form: ImageFile.Form, sources: [SourceFile]
    ) -> FrameStack {
        let isGzipped = sources.first?.path.lowercased().hasSuffix(".gz") ?? false
        return FrameStack(
            dataset: dataset, shape: VolumeShape(frames: images.count, frame: form.frame),
            elementType: form.elementType, filters: isGzipped ? ["gzip"] : [], sources: sources,
            storage: .images(images))
    }
}

extension ImageFile {
    /// Where its images are found.
    var images: [ImageLocation] { places.map { ImageLocation(file: source.path, place: $0) } }
}

extension Int {
    /// With leading zeros.
    fileprivate func digits(atLeast count: Int) -> String {
        let digits = "\(self)"
        return String(repeating: "0", count: Swift.max(0, count - digits.count)) + digits
    }
}

extension SpecScan {
    /// What changes while the scan goes on.
    fileprivate var facts: [String] { [entry, command, "\(points)", "\(hasEnded)"] }

    fileprivate var evidence: String {
        let asked = pointsAsked.map { " of \($0)" } ?? ""
        let end = isAborted ? ", aborted" : isFollowed ? ", another scan follows" : ""
        return "SPEC has \(points)\(asked) points of scan \(number)\(end)"
    }

    /// - Parameter written: frames that can be read.
    fileprivate func marker(written: Int) -> EndMarker {
        guard hasEnded else { return .absent(evidence) }
        // SPEC may be ahead of the camera.
        return written < points ? .unknown : .present(succeeded: points >= pointsAsked ?? points)
    }
}

extension Scan {
    /// Says which frames lack their file.
    fileprivate mutating func add(_ missing: [Int], in series: FrameSeriesName) {
        guard !missing.isEmpty else { return }
        let shown = missing.prefix(5).map(String.init).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
        remarks.append(
            "\(missing.count == 1 ? "1 file of \(series.name) is" : "\(missing.count) files of \(series.name) are") "
                + "not there (\(shown)): these frames are masked")
    }

    /// Takes over what the header of a frame and the names say of the detector.
    fileprivate mutating func describe(_ file: ImageFile, series: FrameSeriesName?) {
        evidence = file.detectorTexts.map { DetectorEvidence(source: .fileHeader, text: $0) }
        evidence.append(DetectorEvidence(source: .fileName, text: AbsolutePath.name(of: file.source.path)))
        let directory = AbsolutePath.name(of: AbsolutePath.directory(of: file.source.path))
        evidence.append(DetectorEvidence(source: .fileName, text: directory))
        detector.xPixelSize = file.positive("psize_1")
        detector.yPixelSize = file.positive("psize_2")
        detector.distance = file.positive("sampledistance")
    }
}

extension ImageFile {
    /// Keys of headers that name the detector.
    private static let detectorKeys = [
        "detector", "detector_name", "detectorname", "detector_model", "detector_type", "camera", "camera_name",
        "camera_model", "camera_type", "acq_camera_name", "model",
    ]

    fileprivate var detectorTexts: [String] {
        // ESRF's headers list all counters, that of the camera's images among them.
        let counters = fields["counter_mne"].map { $0.split(separator: " ").filter { $0.hasSuffix("inr") } } ?? []
        return Self.detectorKeys.compactMap { fields[$0] }.filter { !$0.isEmpty } + counters.map(String.init)
    }

    fileprivate func positive(_ key: String) -> Double? {
        fields[key].flatMap { Double($0.split(separator: " ").first ?? "") }.flatMap { $0 > 0 ? $0 : nil }
    }
}
