internal import Conventions
internal import Foundation

/// The files of a series that are there, by number.
struct FrameSeries {
    let name: FrameSeriesName
    /// Ascending.
    let numbers: [Int]
    /// What stands in the name of each file, and its path.
    let files: [Int: (digits: String, path: String)]

    /// - Throws: ``ScanFileError`` when the directory cannot be listed, or two files have the same number.
    init(_ name: FrameSeriesName) throws(ScanFileError) {
        self.name = name
        var files: [Int: (digits: String, path: String)] = [:]
        for file in try Self.names(in: name.directory) {
            guard let digits = name.digits(of: file).map(String.init), let number = Int(digits) else { continue }
            let path = AbsolutePath.joined(name.directory, file)
            if let other = files[number] {
                throw ScanFileError(path: path, problem: "has the same number as \(other.path)")
            }
            files[number] = (digits, path)
        }
        self.files = files
        numbers = files.keys.sorted()
    }

    /// The series in a directory, by their names, and the image files that belong to none.
    static func content(of directory: String) throws(ScanFileError) -> (series: [FrameSeriesName], others: [String]) {
        var series: Set<FrameSeriesName> = []
        var others: [String] = []
        for file in try names(in: directory) {
            let path = AbsolutePath.joined(directory, file)
            if let name = FrameSeriesName(ofFrame: path) {
                series.insert(name)
            } else if FrameSeriesName.ending(of: file) != nil {
                others.append(path)
            }
        }
        return (series.sorted { $0.name < $1.name }, others.sorted())
    }

    private static func names(in directory: String) throws(ScanFileError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter(FileNames.mayHoldScan)
        } catch {
            throw ScanFileError(path: directory, problem: "cannot be listed: \(error.localizedDescription)")
        }
    }
}

/// Which SPEC scan, or which scans, the frames of a series belong to.
enum SpecOrigin {
    /// No SPEC file tells.
    case unknown
    /// The whole series is one scan.
    case whole(SpecFile, SpecScan)
    /// SPEC counts the images from scan to scan, and each scan says which are its own.
    case parts(SpecFile, [Part])

    struct Part {
        var scan: SpecScan
        var camera: String
        /// One for each point.
        var numbers: [Int]
    }

    /// Looks for SPEC files beside the frames and up to two directories above.
    init(of series: FrameSeries) {
        let files = Self.files(near: series.name.directory)
        for file in files {
            let parts = file.scans.compactMap { scan in
                scan.imageNumbers(in: series.name).map { Part(scan: scan, camera: $0.camera, numbers: $0.numbers) }
            }
            if parts.contains(where: { $0.numbers.contains { series.files[$0] != nil } }) {
                self = .parts(file, parts)
                return
            }
        }
        self = Self.byName(series, files)
    }

    /// The scan whose number stands at the end of the series' name, or of that of its directory: `crystal_S0012_#.tif`.
    private static func byName(_ series: FrameSeries, _ files: [SpecFile]) -> Self {
        let directory = AbsolutePath.name(of: series.name.directory)
        let prefix = FrameSeriesName.trimmed(series.name.prefix)
        for name in [prefix, directory] {
            guard let digits = name.firstMatch(of: /\d+$/), let number = Int(digits.0) else { continue }
            let place = "\(series.name.directory)/\(prefix)".lowercased()
            let named = files.filter { place.contains($0.stem.lowercased()) }
            let found = (named.isEmpty ? files : named).compactMap { file in
                file.scans.last { $0.number == number && $0.mayHold(series.numbers.count) }.map { (file, $0) }
            }
            if found.count == 1 { return .whole(found[0].0, found[0].1) }
        }
        return .unknown
    }

    private static func files(near directory: String) -> [SpecFile] {
        var files: [SpecFile] = []
        var place = directory
        for _ in 0..<3 where place != "/" {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
            files += names.filter(Self.mayBeSpec).sorted().prefix(100).compactMap {
                SpecFile(AbsolutePath.joined(place, $0))
            }
            place = AbsolutePath.directory(of: place)
        }
        return files
    }

    private static func mayBeSpec(_ name: String) -> Bool {
        guard FileNames.isTraversed(name) else { return false }
        let ending = name.dropFirst(FileNames.stem(of: name).count + 1).lowercased()
        return ["", "spec", "dat", "txt"].contains(ending)
    }
}

extension SpecScan {
    /// Whether a number of frames may be those of its points.
    fileprivate func mayHold(_ frames: Int) -> Bool {
        // The last frame may be there before its point is written.
        frames <= max(points + 1, pointsAsked ?? 0)
    }
}
