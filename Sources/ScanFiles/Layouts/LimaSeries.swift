internal import Foundation

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
