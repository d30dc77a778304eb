internal import Foundation
internal import ScanFiles

/// Names of the files that Lacuna writes.
public enum OutputName {
    static let ending = "_inpainted"

    /// `<stem>_scan<NNNN>_inpainted.h5` for a scan of a BLISS file, `<stem>_inpainted.h5` for a file with one scan.
    ///
    /// - Parameters:
    ///   - input: path of the raw file; its directory is left out.
    ///   - scan: the BLISS scan number.
    public static func name(input: String, scan: Int?) -> String {
        let file = AbsolutePath.name(of: input)
        let stem = file.lastIndex(of: ".").map { $0 == file.startIndex ? file[...] : file[..<$0] } ?? file[...]
        let number = scan.map { "_scan" + String(repeating: "0", count: max(0, 4 - "\($0)".count)) + "\($0)" } ?? ""
        return "\(stem)\(number)\(ending).h5"
    }

    /// The output's full path: beside the raw file, or at the same place of a mirrored tree.
    ///
    /// - Parameters:
    ///   - root: the watched tree that holds the file; `nil` to write beside it.
    public static func path(input: String, scan: Int?, root: WatchedRoot? = nil) -> String {
        let name = name(input: input, scan: scan)
        let directory = AbsolutePath.directory(of: input)
        guard let root, let mirror = root.outputDirectory else { return AbsolutePath.joined(directory, name) }
        let below = directory == root.path ? "" : root.relativePath(of: directory)
        return AbsolutePath.normalised("\(mirror)/\(below)/\(name)")
    }

    /// The path of the picture beside an output.
    public static func picture(ofOutput output: String) -> String {
        OutputClaim.picture(of: output)
    }

    /// Whether a file name is that of an output, its preview or its archive.
    public static func isOutput(_ name: some StringProtocol) -> Bool {
        [".h5", ".png", ".npz"].contains { name.hasSuffix(ending + $0) }
    }

    /// What the names of temporary files of an output begin with, e.g. `.x_scan0001_inpainted.`.
    ///
    /// They lie in the directory of the output, are hidden, and go on as the writer likes.
    public static func temporaryPrefix(output: String) -> String {
        "." + AbsolutePath.name(of: output).dropLast("h5".count)
    }

    /// Removes what an interrupted write has left beside an output.
    public static func removeTemporaries(of output: String) {
        let directory = AbsolutePath.directory(of: output)
        let prefix = temporaryPrefix(output: output)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(prefix) {
            try? FileManager.default.removeItem(atPath: AbsolutePath.joined(directory, name))
        }
    }
}
