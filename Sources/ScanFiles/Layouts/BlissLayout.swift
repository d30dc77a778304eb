internal import Foundation

/// Files of the ESRF's BLISS writer: dataset files with an entry for each scan, and masters that link to them.
enum BlissLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) throws(ScanFileError) -> Bool {
        let creator = (try? root.group.textAttribute("creator")) ?? ""
        let publisher = (try? root.group.textAttribute("publisher")) ?? ""
        if creator.lowercased().hasPrefix("bliss") || publisher == "bliss" { return true }
        // Files that were converted to the same names from another format have no end markers.
        guard !creator.hasPrefix("silx") else { return false }
        return try root.names().contains { BlissEntryName($0) != nil }
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        let entries = try root.names().compactMap(BlissEntryName.init).sorted()
        let isMaster = !entries.isEmpty && entries.allSatisfy { $0.hasPrefix && root.isExternal($0.name) }
        if let selection = request.selection, !entries.contains(where: selection.takes) {
            let numbers = Set(entries.map(\.scan)).sorted().map(String.init)
            let found = numbers.count <= 8 ? numbers : numbers.prefix(4) + ["…"] + numbers.suffix(1)
            throw ScanFileError(
                path: request.path,
                problem:
                    "there is no scan \(selection), found \(found.isEmpty ? "none" : found.joined(separator: ", "))")
        }
        let holdsSeveralDatasets = Set(entries.map(\.dataset)).count > 1
        var scans: [Scan] = []
        for entry in entries where request.selection?.takes(entry) ?? true && request.mayMean(entry) {
            for var scan in BlissScan.read(entry, of: root, request: request) {
                scan.setLabel(entry, amongSeveralDatasets: holdsSeveralDatasets)
                scans.append(scan)
            }
        }
        return ScanFile(
            path: request.path, layout: isMaster ? .blissMaster : .blissDataset, scans: scans,
            notAScan: reasonToPass(request.path, entries: entries, isMaster: isMaster))
    }

    private static func reasonToPass(_ path: String, entries: [BlissEntryName], isMaster: Bool) -> String? {
        if isMaster { return "links only; its scans are taken from their dataset files" }
        if entries.isEmpty { return "holds no scan yet" }
        return datasetFile(above: path).map { "its scan is taken from \($0)" }
    }

    /// The BLISS dataset file to which a file in a directory `scan0001` belongs; `nil` when there is none.
    static func datasetFile(above path: String) -> String? {
        let directory = URL(filePath: path).deletingLastPathComponent()
        guard directory.lastPathComponent.wholeMatch(of: /scan\d{4,}/) != nil else { return nil }
        let dataset = directory.deletingLastPathComponent()
        let file = dataset.appending(path: dataset.lastPathComponent + ".h5").path(percentEncoded: false)
        return access(file, F_OK) == 0 ? file : nil
    }
}

extension ScanRequest {
    /// False for an entry in which the dataset that is asked for by its absolute path cannot lie.
    fileprivate func mayMean(_ entry: BlissEntryName) -> Bool {
        guard let dataset, dataset.hasPrefix("/") else { return true }
        return dataset.split(separator: "/").first.map { $0 == entry.name } ?? true
    }
}

extension LinkedGroup {
    fileprivate func isExternal(_ name: String) -> Bool {
        if case .external = link(name) { true } else { false }
    }
}

/// The name of a BLISS entry: `3.1` is scan 3, `3.2` a second time base of it; links carry the dataset's name before.
struct BlissEntryName: Comparable {
    let name: String
    let scan: Int
    let subscan: Int
    /// The name of the dataset before the number; empty where there is none.
    let dataset: String
    var hasPrefix: Bool { !dataset.isEmpty }

    init?(_ name: String) {
        guard let match = name.wholeMatch(of: /(.*_)?(\d+)\.(\d+)/), let scan = Int(match.2), let subscan = Int(match.3)
        else { return nil }
        self.name = name
        self.scan = scan
        self.subscan = subscan
        dataset = String((match.1 ?? "").dropLast())
    }

    static func < (one: Self, other: Self) -> Bool {
        (one.scan, one.subscan, one.name) < (other.scan, other.subscan, other.name)
    }
}

/// The command that a BLISS scan's title repeats, e.g. `ascan eta 18 19 50 1`.
struct BlissCommand {
    /// The motors that it moves, the fastest first.
    private(set) var motors: [String] = []
    /// The number of points that it asks for; `nil` for commands that are not known.
    private(set) var points: Int?

    init(title: String?) {
        let words = (title ?? "").split { " ,()\t".contains($0) }.map(String.init)
        guard let command = words.first?.lowercased() else { return }
        if let axes = Self.axes(of: command) {
            // a2scan m1 start1 stop1 m2 start2 stop2 intervals time
            guard words.count > 3 * axes + 1, let intervals = Self.intervals(words[3 * axes + 1]) else { return }
            motors = (0..<axes).map { words[1 + 3 * $0] }
            points = intervals + 1
        } else if ["amesh", "dmesh"].contains(command), words.count > 8, let fast = Self.intervals(words[4]),
            let slow = Self.intervals(words[8])
        {
            motors = [words[1], words[5]]
            points = (fast + 1) * (slow + 1)
        } else if command == "loopscan", words.count > 1 {
            points = Self.intervals(words[1])
        } else if command == "ct" {
            points = 1
        }
    }

    /// The number of motors of `ascan`, `dscan`, `a2scan`, `d3scan`, …
    private static func axes(of command: String) -> Int? {
        guard command.hasSuffix("scan"), let first = command.first, "ad".contains(first) else { return nil }
        let count = command.dropFirst().dropLast(4)
        // More than nine motors is no command of BLISS.
        return count.isEmpty ? 1 : Int(count).flatMap { (1...9).contains($0) ? $0 : nil }
    }

    /// A number of points or intervals; `nil` for one that no scan can have.
    private static func intervals(_ word: String) -> Int? {
        Int(word).flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
    }
}
