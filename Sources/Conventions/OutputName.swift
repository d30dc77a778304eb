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
        let stem = keepsEnding ? file[...] : FileNames.stem(of: file)
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
        let isFirst = siblings(AbsolutePath.directory(of: input)).allSatisfy { other in
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
