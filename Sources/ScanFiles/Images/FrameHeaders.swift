internal import Conventions
internal import Volume

/// The headers of all files of a series.
struct FrameHeaders {
    let series: FrameSeries
    /// By number.
    let files: [Int: Result<ImageFile, ScanFileError>]

    init(of series: FrameSeries) {
        self.series = series
        files = series.files.mapValues { file in
            Result { () throws(ScanFileError) in try ImageFile.require(file.path) }
        }
    }

    /// Whether the files hold several images each, so that each is a scan of its own.
    var hasStacks: Bool { files.values.contains { ((try? $0.get())?.places.count ?? 1) > 1 } }

    /// All numbers from the first to the last of some.
    ///
    /// - Throws: ``ScanFileError`` where more are missing than are there.
    func span(of numbers: [Int]) throws(ScanFileError) -> [Int] {
        guard let first = numbers.first, let last = numbers.last else { return [] }
        let (distance, isTooLarge) = last.subtractingReportingOverflow(first)
        guard !isTooLarge, distance < 2 * numbers.count else {
            throw ScanFileError(
                path: series.name.path,
                problem:
                    "expected the numbers of a series, found only \(numbers.count) files from number \(first) to \(last)"
            )
        }
        return Array(first...last)
    }

    /// The numbers by the scan that the headers name, as SPEC's do by `scan_no`; `nil` where one of them names none.
    var scans: [Int: [Int]]? {
        var scans: [Int: [Int]] = [:]
        var latest: Int?
        for number in series.numbers {
            if let file = try? files[number]?.get() {
                guard let scan = file.fields["scan_no"].flatMap({ Int($0) }) else { return nil }
                latest = scan
            }
            guard let latest else { return nil }
            scans[latest, default: []].append(number)
        }
        return scans
    }

    /// The frames that have no file.
    func missing(in frames: [Int]) -> [Int] { frames.filter { files[$0] == nil } }

    /// What can be read of some frames, by their numbers.
    func finding(of frames: [Int]) -> StackFinding {
        var finding = StackFinding()
        let present = frames.compactMap { number in files[number].map { (number: number, file: $0) } }
        guard let first = present.lazy.compactMap({ try? $0.file.get() }).first else {
            if case .failure(let error)? = present.first?.file { finding.problem = error }
            return finding
        }
        var sources: [SourceFile] = []
        for (number, file) in present {
            switch file {
            case .success(let file):
                sources.append(file.source)
                guard file.form != first.form, finding.problem == nil else { continue }
                finding.problem = ScanFileError(
                    path: file.source.path,
                    problem: "expected \(first.form) as in \(first.source.path), found \(file.form)")
            case .failure(let error):
                if let path = series.files[number]?.path, let source = try? SourceFile(path) { sources.append(source) }
                // The last one may have been cut short with the scan.
                if number == present.last?.number, let index = frames.lastIndex(of: number) {
                    finding.faults.append(FrameFault(frames: index..<frames.count, kind: .short, error: error))
                } else {
                    finding.problem = finding.problem ?? error
                }
            }
        }
        finding.stack = ImageLayout.stack(
            named: "", of: frames.map { (try? files[$0]?.get())?.images[0] }, form: first.form, sources: sources)
        return finding
    }

    /// What all headers give as title.
    var title: String? {
        let titles = Set(files.values.compactMap { (try? $0.get())?.fields["title"] })
        return titles.count == 1 ? titles.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    }

    /// The first motor of the headers' lists that goes one way from each of some frames to the next; `nil` where a frame
    /// lacks its file.
    func scannedMotor(of frames: [Int]) -> ScannedMotor? {
        let places = frames.compactMap { (try? files[$0]?.get())?.motors }
        guard frames.count > 1, places.count == frames.count, let names = places.first?.map({ $0.name })
        else { return nil }
        for (index, name) in names.enumerated() {
            let values = places.compactMap { index < $0.count && $0[index].name == name ? $0[index].value : nil }
            guard values.count == frames.count else { continue }
            let steps = zip(values.dropFirst(), values).map { $0 - $1 }
            if steps.allSatisfy({ $0 > 0 }) || steps.allSatisfy({ $0 < 0 }) {
                return ScannedMotor(name: name, values: values, units: nil)
            }
        }
        return nil
    }

    /// Changes with the files of some frames.
    func fingerprint(of numbers: [Int], _ facts: [String] = []) -> String {
        let sources = numbers.compactMap { series.files[$0]?.path }.compactMap { try? SourceFile($0) }
        return ScanFiles.fingerprint(of: sources.map(\.fact) + facts)
    }
}

extension ImageFile {
    /// Where the motors stood, as ESRF's headers list them.
    fileprivate var motors: [(name: String, value: Double)] {
        let names = fields["motor_mne"]?.split(whereSeparator: \.isWhitespace) ?? []
        let values = fields["motor_pos"]?.split(whereSeparator: \.isWhitespace) ?? []
        guard names.count == values.count else { return [] }
        return zip(names, values).map { (String($0), Double($1) ?? .nan) }
    }
}

extension FrameStack {
    /// The longest time, in seconds, between the modifications of two of its files that follow one another.
    var longestPause: Double? {
        let times = sources.map(\.modificationTime).sorted()
        return zip(times.dropFirst(), times).map { $0 - $1 }.max()
    }
}
