internal import Foundation

/// Names of the files that Lacuna writes.
public enum OutputName {
    package static let ending = "_inpainted"

    /// `<stem><label>_inpainted.h5`, e.g. `s_0001_scan0007_inpainted.h5`; the stem keeps the file's ending where another
    /// file of the same stem has the plain name.
    ///
    /// - Parameters:
    ///   - input: path of the raw file; its directory is left out.
    ///   - label: see ``Scan/label``.
    static func name(input: String, label: String, keepsEnding: Bool = false) -> String {
        let file = AbsolutePath.name(of: input)
        let stem =
            keepsEnding ? file[...] : FrameSeriesName(path: input).map { $0.stem[...] } ?? FileNames.stem(of: file)
        return "\(stem)\(label)\(ending).h5"
    }

    /// The output's full path, beside the raw file or in another directory.
    ///
    /// Of files with the same stem in one directory, e.g. `a.h5` and `a.npz`, the one whose ending comes first in
    /// ``FileNames/endings`` has the plain name `a_inpainted.h5`, and each other one keeps its ending: `a.npz_inpainted.h5`.
    /// So does a file that finds the plain name taken by another scan, which came first.
    /// - Parameters:
    ///   - label: what tells scans of the same file apart.
    ///   - directory: where outputs of this file go; `nil` to write beside it.
    ///   - siblings: the names of the files in a directory that may hold scans.
    ///   - isTaken: whether a path is that of another scan's output.
    public static func path(
        input: String, label: String, directory: String? = nil,
        siblings: (String) -> [String] = Self.scanFiles, isTaken: (String) -> Bool = { _ in false }
    ) -> String {
        let place = directory ?? AbsolutePath.directory(of: input)
        let plain = AbsolutePath.joined(place, name(input: input, label: label))
        let file = AbsolutePath.name(of: input)
        let stem = FileNames.stem(of: file)
        let home = AbsolutePath.directory(of: input)
        // Of the files of a series the series is the sibling.
        let others = Set(siblings(home).map { FrameSeriesName(ofFrame: $0)?.name ?? $0 })
        let isFirst = others.allSatisfy { other in
            other == file || FileNames.stem(of: other) != stem || FileNames.comesBefore(file, other)
        }
        guard !isFirst || isTaken(plain) else { return plain }
        return AbsolutePath.joined(place, name(input: input, label: label, keepsEnding: true))
    }

    /// Whether a path is one that the output of a scan can have.
    package static func isPath(_ output: String, input: String, label: String, directory: String? = nil) -> Bool {
        let place = directory ?? AbsolutePath.directory(of: input)
        return [false, true].contains {
            output == AbsolutePath.joined(place, name(input: input, label: label, keepsEnding: $0))
        }
    }

    /// The names of the files in a directory that may hold scans.
    public static func scanFiles(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { name in
            var isDirectory: ObjCBool = false
            return FileNames.mayHoldScan(name)
                && FileManager.default.fileExists(
                    atPath: AbsolutePath.joined(directory, name), isDirectory: &isDirectory)
                && !isDirectory.boolValue
        }
    }

    /// The path of the picture beside an output.
    public static func picture(ofOutput output: String) -> String {
        URL(filePath: output).deletingPathExtension().path(percentEncoded: false) + ".png"
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

/// Which names of a watched tree matter.
package enum FileNames {
    /// The endings of scan files; of two files with the same stem, the one whose ending comes first has the plain name
    /// for its output.
    package static let endings = endingsOfHDF5 + ["npz", "npy"] + FrameSeriesName.endings

    /// Those of HDF5 files.
    package static let endingsOfHDF5 = ["h5", "hdf5", "hdf", "he5", "nxs", "nx5", "cxi"]

    /// Whether a file of this name may hold a scan: a known ending, not hidden, not written by Lacuna.
    package static func mayHoldScan(_ name: String) -> Bool {
        guard isTraversed(name), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let ending = name[dot...].dropFirst().lowercased()
        return (endings.contains(ending) || ending == "gz" && FrameSeriesName.ending(of: name) != nil)
            && !OutputName.isOutput(name)
    }

    /// A name without its ending; that of a series without the place of the number, too.
    package static func stem(of name: String) -> Substring {
        if let series = FrameSeriesName(path: name) { return FrameSeriesName.trimmed(series.prefix)[...] }
        if let ending = FrameSeriesName.ending(of: name) { return name.dropLast(ending.count + 1) }
        return name.lastIndex(of: ".").map { $0 == name.startIndex ? name[...] : name[..<$0] } ?? name[...]
    }

    /// Whether a file has the right to the plain name of the output before another one of the same stem.
    package static func comesBefore(_ name: String, _ other: String) -> Bool {
        func rank(_ name: String) -> Int {
            let ending =
                FrameSeriesName.ending(of: name) ?? name.dropFirst(stem(of: name).count + 1).lowercased()
            return endings.firstIndex(of: ending) ?? endings.count
        }
        return (rank(name), name) < (rank(other), other)
    }

    /// Whether a directory of this name is gone through.
    package static func isTraversed(_ name: String) -> Bool {
        name.utf8.first != UInt8(ascii: ".")
    }

    /// Whether this is the name of a directory in which BLISS has the detector files of one scan, e.g. `scan0001`.
    package static func isScanDirectory(_ name: some StringProtocol) -> Bool {
        name.hasPrefix("scan") && name.count > 4 && name.dropFirst(4).allSatisfy { $0.isASCII && $0.isNumber }
    }
}

/// Paths as text, handled without looking at the file system.
public enum AbsolutePath {
    /// Without empty and `.` components, `..` resolved by name, and no trailing slash.
    public static func normalised(_ path: String) -> String {
        var components: [Substring] = []
        for component in path.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/")
    }

    /// Everything before the last slash.
    public static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// Everything after the last slash.
    public static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    public static func joined(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }
}
