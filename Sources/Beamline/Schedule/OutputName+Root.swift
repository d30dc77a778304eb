internal import Conventions

extension OutputName {
    /// The output's full path: beside the raw file, or at the same place of a mirrored tree.
    ///
    /// - Parameter root: the watched tree that holds the file; `nil` to write beside it.
    static func path(
        input: String, label: String, root: WatchedRoot?,
        siblings: (String) -> [String] = Self.scanFiles, isTaken: (String) -> Bool = { _ in false }
    ) -> String {
        path(
            input: input, label: label, directory: root?.directory(ofOutputsFor: input), siblings: siblings,
            isTaken: isTaken)
    }

    /// Whether a path is one that the output of a scan can have.
    static func isPath(_ output: String, input: String, label: String, root: WatchedRoot?) -> Bool {
        isPath(output, input: input, label: label, directory: root?.directory(ofOutputsFor: input))
    }
}

extension WatchedRoot {
    /// The directory of the mirrored tree in which outputs of a file lie; `nil` where they lie beside it.
    fileprivate func directory(ofOutputsFor input: String) -> String? {
        let directory = AbsolutePath.directory(of: input)
        if replacesRawData { return Self.processed(directory) }
        guard let outputDirectory else { return nil }
        let below = directory == path ? "" : relativePath(of: directory)
        return AbsolutePath.normalised("\(outputDirectory)/\(below)")
    }

    /// The ESRF's rule: results of `…/RAW_DATA/…` go to `…/PROCESSED_DATA/…`.
    private static func processed(_ directory: String) -> String? {
        var components = directory.split(separator: "/").map(String.init)
        guard let raw = components.lastIndex(of: "RAW_DATA") else { return nil }
        components[raw] = "PROCESSED_DATA"
        return "/" + components.joined(separator: "/")
    }
}
