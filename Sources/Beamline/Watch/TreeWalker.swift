/// Goes through a directory tree, each directory once, however many links lead to it.
struct TreeWalker {
    private var visited: Set<DirectoryListing.Identity> = []

    /// Lists `root` and everything below it.
    ///
    /// - Parameters:
    ///   - entering: called before a directory is listed, so that a watch stands before its content is read;
    ///     returns whether to go in.
    ///   - listed: called with the content of each directory.
    /// - Returns: whether `root` could be listed.
    mutating func walk(
        _ root: String, entering: (String) -> Bool = { _ in true }, listed: (DirectoryListing) -> Void
    ) -> Bool {
        var pending = [root]
        var rootListed = false
        while let directory = pending.popLast() {
            guard entering(directory), let listing = DirectoryListing(directory) else { continue }
            if directory == root { rootListed = true }
            listed(listing)
            for (path, identity) in listing.directories where visited.insert(identity).inserted {
                pending.append(path)
            }
        }
        return rootListed
    }
}
