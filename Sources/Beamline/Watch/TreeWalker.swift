internal import Glibc

/// Goes through a directory tree, each directory once, however many links lead to it.
struct TreeWalker {
    private var visited: Set<DirectoryListing.Identity> = []
    /// Directories that this user may not read.
    private(set) var denied: [String] = []

    /// Lists `root` and everything below it.
    ///
    /// - Parameter listed: called with the content of each directory.
    /// - Returns: whether `root` could be listed.
    mutating func walk(_ root: String, listed: (DirectoryListing) -> Void) -> Bool {
        var pending = [root]
        var rootListed = false
        while let directory = pending.popLast() {
            guard let listing = DirectoryListing(directory) else {
                if errno == EACCES { denied.append(directory) }
                continue
            }
            if directory == root { rootListed = true }
            listed(listing)
            for (path, identity) in listing.directories where visited.insert(identity).inserted {
                pending.append(path)
            }
        }
        return rootListed
    }
}
