internal import Conventions
internal import Foundation

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
