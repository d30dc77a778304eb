internal import Foundation

/// The files of one acquisition of a LAMBDA detector, `…_part00000.nxs`, `…_part00001.nxs`, …, which no master joins.
///
/// Each says in `collection/frame_numbers` how many frames were asked for, and numbers its own in `sequence_number`.
struct LambdaSeries {
    /// The frames of all files, in order and without a hole.
    private(set) var datasets: [HDF5Dataset]
    /// Frames of the whole acquisition.
    let asked: Int
    /// Why the file that was looked at is no scan of its own; `nil` for the first of the series.
    private(set) var notAScan: String?
    private static let digits = 5

    /// - Parameters:
    ///   - path: the file that is looked at.
    ///   - stack: its frames, called `name`.
    /// - Returns: `nil` where the file holds all frames of its acquisition, or is of another kind.
    /// - Throws: ``ScanFileError`` when a file is missing between others.
    init?(of path: String, stack: HDF5Dataset, name: String, detector: LinkedGroup) throws(ScanFileError) {
        guard let asked = detector.integer("collection/frame_numbers"), asked > stack.frameCount, stack.frameCount > 0,
            let number = Self.number(of: path)
        else { return nil }
        self.asked = asked
        datasets = [stack]
        guard number == 0 else {
            notAScan = "its frames belong to the acquisition that begins in \(Self.path(number: 0, like: path))"
            return
        }
        let names = Self.numbers(beside: path)
        var frames = stack.frameCount
        var next = 1
        while frames < asked, names.contains(next) {
            let file = Self.path(number: next, like: path)
            let root = try detector.walker.root(of: detector.walker.file(file))
            guard let dataset = try detector.walker.open(name, from: root)?.dataset, dataset.frameCount > 0 else {
                throw ScanFileError(path: file, dataset: name, problem: "holds no frames of the series")
            }
            let group = LinkedGroup(group: root, walker: detector.walker).child(Self.parent(of: name))
            if let first = group?.number("sequence_number"), let begin = detector.number("sequence_number"),
                Int(first - begin) != frames
            {
                throw ScanFileError(
                    path: file,
                    problem: "begins with frame \(Int(first - begin)), expected frame \(frames): the series has a hole")
            }
            datasets.append(dataset)
            frames += dataset.frameCount
            next += 1
        }
        if frames < asked, let later = names.filter({ $0 > next }).min() {
            throw ScanFileError(
                path: Self.path(number: next, like: path),
                problem: "is not there; \(Self.path(number: later, like: path)) after it is, so the series has a hole")
        }
    }

    private static func parent(of name: String) -> String {
        name.split(separator: "/").dropLast().joined(separator: "/")
    }

    private static func number(of path: String) -> Int? {
        path.firstMatch(of: /_part(\d{5,})\.[^.\/]*$/).flatMap { Int($0.1) }
    }

    private static func path(number: Int, like path: String) -> String {
        let text = "\(number)"
        let padded = String(repeating: "0", count: max(0, digits - text.count)) + text
        return path.replacing(/_part\d{5,}(\.[^.\/]*)$/) { "_part\(padded)\($0.1)" }
    }

    /// The numbers of all files of the same name in the directory.
    private static func numbers(beside path: String) -> Set<Int> {
        let url = URL(filePath: path)
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: url.deletingLastPathComponent().path(percentEncoded: false))) ?? []
        let stem = url.lastPathComponent.replacing(/_part\d{5,}\.[^.]*$/, with: "")
        return Set(names.filter { $0.hasPrefix(stem + "_part") }.compactMap(number))
    }
}
