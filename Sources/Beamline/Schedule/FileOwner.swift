internal import Conventions
internal import Foundation

/// Which file is looked at when a file changes: detector files belong to the file that describes their scan.
enum FileOwner: Equatable {
    /// The file describes its own scan.
    case itself
    /// It looks like a part of another file, which is not there; it is taken alone, and with care.
    case orphan
    case others([String])

    /// - Parameters:
    ///   - path: a file that may hold a scan.
    ///   - siblings: the names of the files in a directory that may hold scans.
    init(of path: String, siblings: (String) -> [String] = Self.scanFiles) {
        let directory = AbsolutePath.directory(of: path)
        let name = AbsolutePath.name(of: path)
        if FileNames.isScanDirectory(AbsolutePath.name(of: directory)) {
            // BLISS: <dataset>.h5 beside scan0001/<detector>_0000.h5.
            let parent = AbsolutePath.directory(of: directory)
            let owners = siblings(parent).filter { $0.lowercased().hasSuffix(".h5") }
            let frames = FrameSeriesName(ofFrame: path).map { Self.others([$0.path]) }
            self =
                owners.isEmpty ? frames ?? .orphan : .others(owners.map { AbsolutePath.joined(parent, $0) })
        } else if FrameSeriesName(path: path) != nil {
            self = .itself
        } else if let series = FrameSeriesName(ofFrame: path) {
            self = .others([series.path])
        } else if let stem = Self.stem(of: name) {
            let master = ["\(stem)_master.h5", "\(stem).nxs"].first(where: siblings(directory).contains)
            let alone = name.hasPrefix("\(stem)_data_") ? Self.orphan : .itself
            self = master.map { .others([AbsolutePath.joined(directory, $0)]) } ?? alone
        } else {
            self = .itself
        }
    }

    /// `X` for `X_data_000001.h5`, as Dectris detectors write them, and for `X_000001.h5`, as Odin at Diamond does.
    static func stem(of name: String) -> String? {
        name.wholeMatch(of: /(?<stem>.+?)(_data_\d+|_\d{6})\.h5/).map { String($0.stem) }
    }

    private static func scanFiles(in directory: String) -> [String] {
        DirectoryListing(directory)?.files.map { AbsolutePath.name(of: $0.path) } ?? []
    }
}

/// Finds the owners of many files without listing the same directory again and again.
struct OwnerFinder {
    private var directory = ""
    private var names: [String] = []
    private var listedAt = Date.distantPast

    mutating func owner(of path: String, at now: Date) -> FileOwner {
        FileOwner(of: path) { directory in
            if directory != self.directory || now.timeIntervalSince(listedAt) > 1 {
                self.directory = directory
                names = DirectoryListing(directory)?.files.map { AbsolutePath.name(of: $0.path) } ?? []
                listedAt = now
            }
            return names
        }
    }
}
