/// Goes through a directory tree, each directory once, however many links lead to it.
struct TreeWalker {
    private var visited: Set<DirectoryListing.Identity> = []

    /// Lists `root` and everything below it.
    ///
    /// - Parameters:
    ///   - listed: called with the content of each directory.
    /// - Returns: whether `root` could be listed.
    mutating func walk(_ root: String, listed: (DirectoryListing) -> Void) -> Bool {
        var pending = [root]
        var rootListed = false
        while let directory = pending.popLast() {
            guard let listing = DirectoryListing(directory) else { continue }
            if directory == root { rootListed = true }
            listed(listing)
            for (path, identity) in listing.directories where visited.insert(identity).inserted {
                pending.append(path)
            }
        }
        return rootListed
    }
}
