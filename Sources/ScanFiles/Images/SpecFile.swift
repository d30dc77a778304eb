internal import Conventions
internal import Foundation

/// A data file of SPEC: one text with all scans of a session, each with a header and a line of numbers for each point.
struct SpecFile {
    let path: String
    /// In the order of the file.
    let scans: [SpecScan]

    /// Larger files are no SPEC files.
    private static let mostBytes = 1 << 29

    /// - Returns: `nil` for a file that is none of SPEC's, or cannot be read.
    init?(_ path: String) {
        guard let file = try? ByteStream(file: path), file.size <= Self.mostBytes,
            let start = try? file.read(upTo: 3, at: 0), start == Array("#F ".utf8) || start == Array("#S ".utf8),
            let bytes = try? file.read(upTo: file.size, at: 0)
        else { return nil }
        self.path = path
        var scans: [SpecScan] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: Array("#S ".utf8)) {
                guard let scan = SpecScan(line: SpecScan.text(line)) else { continue }
                scans.append(scan)
                let last = scans.count - 1
                scans[last].order = scans.count { $0.number == scan.number }
            } else if !scans.isEmpty {
                scans[scans.count - 1].add(line)
            }
        }
        for index in scans.indices.dropLast() { scans[index].isFollowed = true }
        self.scans = scans
    }

    /// The name without its ending.
    var stem: String { String(FileNames.stem(of: AbsolutePath.name(of: path))) }
}

/// One scan of a SPEC file.
struct SpecScan {
    let number: Int
    /// From 1, where a number stands in the file several times.
    var order = 1
    /// What was asked for, e.g. `ascan eta 18 19 50 1`.
    let command: String
    /// When it began, ISO 8601.
    private(set) var startTime: String?
    private(set) var columns: [String] = []
    /// Where cameras save their images, by the camera's name, e.g. `/data/data_mpx4_%05d.edf.gz`.
    private(set) var imageTemplates: [String: String] = [:]
    private(set) var isAborted = false
    /// Whether another scan comes after it.
    var isFollowed = false
    private var rows: [ArraySlice<UInt8>] = []

    /// - Parameter line: `#S 12  ascan eta 18 19 50 1`.
    init?(line: String) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count > 1, let number = Int(words[1]) else { return nil }
        self.number = number
        command = words.dropFirst(2).joined(separator: " ")
    }

    /// Takes in a line after the first.
    mutating func add(_ line: ArraySlice<UInt8>) {
        guard line.first == UInt8(ascii: "#") else {
            if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "-") || isDigit(first) {
                rows.append(line)
            }
            return
        }
        let text = Self.text(line)
        if text.hasPrefix("#L ") {
            // Names are told apart by two spaces, since they may hold one.
            columns = text.dropFirst(3).components(separatedBy: "  ")
                .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        } else if text.hasPrefix("#D "), startTime == nil {
            startTime = Self.isoTime(String(text.dropFirst(3)))
        } else if text.hasPrefix("#ULIMA_") {
            let words = text.dropFirst("#ULIMA_".count).split(maxSplits: 1, whereSeparator: \.isWhitespace)
            if words.count == 2 { imageTemplates[String(words[0])] = words[1].trimmingCharacters(in: .whitespaces) }
        } else if text.hasPrefix("#C"), text.lowercased().contains("abort") {
            isAborted = true
        }
    }

    static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Points that were recorded so far.
    var points: Int { rows.count }

    /// Points that were asked for; `nil` for commands that are not known.
    var pointsAsked: Int? { BlissCommand(title: command).points }

    /// Whether no further point will come.
    var hasEnded: Bool { isFollowed || isAborted || points >= pointsAsked ?? .max }

    /// The entry that silx and BLISS would give it, e.g. `12.1`.
    var entry: String { "\(number).\(order)" }

    /// The values of a column, one for each point; `nil` where a line lacks it.
    func values(ofColumn index: Int) -> [Double]? {
        var values: [Double] = []
        for row in rows {
            let words = Self.text(row).split(whereSeparator: \.isWhitespace)
            guard words.indices.contains(index), let value = Double(words[index]) else { return nil }
            values.append(value)
        }
        return values
    }

    /// The motor that moved: SPEC puts it into the first column.
    var scannedMotor: (name: String, values: [Double])? {
        guard let name = BlissCommand(title: command).motors.first, let values = values(ofColumn: 0) else { return nil }
        return (name, values)
    }

    /// `Sat Nov 28 12:00:01 2026` as `2026-11-28T12:00:01`.
    private static func isoTime(_ text: String) -> String? {
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 5, let month = months.firstIndex(of: words[1].lowercased()), let day = Int(words[2]),
            let year = Int(words[4]), words[3].wholeMatch(of: /\d\d:\d\d:\d\d/) != nil
        else { return nil }
        return String(format: "%04d-%02d-%02dT", year, month + 1, day) + words[3]
    }
}

extension SpecScan {
    /// The numbers of the images that a camera took at each point, where the scan says so of the camera whose files these
    /// are: SPEC counts them from scan to scan, in a column such as `mpx4inr`.
    ///
    /// - Returns: also the name of the camera; `nil` for a scan that says nothing of it.
    func imageNumbers(in series: FrameSeriesName) -> (camera: String, numbers: [Int])? {
        let counters = columns.indices.filter { columns[$0].lowercased().hasSuffix("inr") }
        for (camera, template) in imageTemplates.sorted(by: { $0.key < $1.key }) {
            let name = AbsolutePath.name(of: template)
            guard let match = name.firstMatch(of: /%0?\d*d/), name[..<match.range.lowerBound] == series.prefix,
                Self.plain(name[match.range.upperBound...]) == Self.plain(series.suffix[...])
            else { continue }
            let own = counters.first { columns[$0].lowercased() == camera.lowercased() + "inr" }
            guard let column = own ?? (counters.count == 1 ? counters[0] : nil), let numbers = integers(column)
            else { continue }
            return (camera, numbers)
        }
        guard imageTemplates.isEmpty else { return nil }
        // Without a template the name of the counter has to stand in that of the files.
        for column in counters {
            let camera = String(columns[column].dropLast("inr".count))
            if series.prefix.lowercased().contains(camera.lowercased()), let numbers = integers(column) {
                return (camera, numbers)
            }
        }
        return nil
    }

    private func integers(_ column: Int) -> [Int]? {
        let values = values(ofColumn: column)?.map { Int(exactly: $0) }
        guard let values, !values.contains(nil) else { return nil }
        return values.compactMap { $0 }
    }

    /// An ending without the compression that came later.
    private static func plain(_ suffix: Substring) -> Substring {
        suffix.hasSuffix(".gz") ? suffix.dropLast(3) : suffix
    }
}
