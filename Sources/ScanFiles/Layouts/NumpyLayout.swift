internal import Conventions
internal import Detectors
internal import Foundation
internal import Volume

/// Stacks that were saved by NumPy: a bare array, or an archive with `data` and perhaps `mask`.
enum NumpyLayout {
    /// - Returns: `nil` when the file is no NumPy file.
    static func open(_ request: ScanRequest) throws(ScanFileError) -> ScanFile? {
        guard let archive = try NumpyArchive(request.path) else { return nil }
        var scan = Scan(input: request.path, entry: "/")
        var finding = StackFinding()
        do throws(ScanFileError) {
            let stack = try stack(of: archive, named: request.dataset)
            finding.stack = stack
            scan.pixelMask = try mask(of: archive, for: stack)
        } catch { finding.problem = error }
        scan.judge(finding, marker: .unknown, expected: finding.stack?.shape.frames)
        scan.evidence = [
            DetectorEvidence(source: .fileName, text: URL(filePath: request.path).lastPathComponent)
        ]
        scan.fingerprint = ScanFiles.fingerprint(of: [try SourceFile(request.path).fact])
        return ScanFile(
            path: request.path, layout: archive.isZip ? .npz : .npy, scans: [scan], notAScan: nil)
    }

    /// The array that was asked for, or `data`, or the only one with 3 axes.
    private static func stack(of archive: NumpyArchive, named name: String?) throws(ScanFileError) -> FrameStack {
        guard archive.isZip else {
            guard let location = try archive.array("") else { throw archive.error("holds no array") }
            return try counts(location, of: archive, name: "")
        }
        if let name {
            guard let location = try archive.array(name) else { throw archive.error("no such array", array: name) }
            return try archive.stack(location, name: name)
        }
        if let location = try archive.array("data") { return try counts(location, of: archive, name: "data") }
        let stacks = archive.arrays.filter { $0.location.header.shape.count == 3 && $0.name != "mask" }
        guard let only = stacks.first, stacks.count == 1 else {
            let names = (archive.arrays.map(\.name) + archive.unusable.keys.sorted()).joined(separator: ", ")
            throw archive.error(
                stacks.isEmpty
                    ? "expected an array named data or one with 3 axes, found \(names.isEmpty ? "none" : names)"
                    : "holds several stacks: \(stacks.map(\.name).joined(separator: ", ")); choose one with --dataset",
                kind: archive.arrays.isEmpty && archive.unusable.values.contains { !$0.isNoScan } ? .input : .noScan)
        }
        return try counts(only.location, of: archive, name: only.name)
    }

    /// A stack that nobody has chosen by hand: it must look like counts, and its name not tell of something else.
    private static func counts(
        _ location: NumpyLocation, of archive: NumpyArchive, name: String
    ) throws(ScanFileError) -> FrameStack {
        let stack = try archive.stack(location, name: name)
        if location.header.isLogical {
            throw archive.error("holds values that are true or false: a mask or a support", array: name, kind: .noScan)
        }
        let fileName = AbsolutePath.name(of: archive.path)
        if let word = OtherContent.word(inArrayName: name) ?? OtherContent.word(inFileName: fileName) {
            throw archive.error("is named a “\(word)”, which is no scan", array: name, kind: .noScan)
        }
        return stack
    }

    private static func mask(of archive: NumpyArchive, for stack: FrameStack) throws(ScanFileError) -> RecordedMask? {
        guard archive.isZip, let location = try archive.array("mask") else { return nil }
        let part = try archive.stack(location, name: "mask", allowsImage: true)
        return try RecordedMask(.nonZero, part, for: stack.shape)
    }
}

/// What other programs leave beside scans: masks, supports, reconstructions, analyses.
enum OtherContent {
    /// Words that a file of counts has in its name by no accident.
    private static let words: Set<String> = [
        "mask", "masks", "support", "supports", "flatfield", "hotpixels", "amplitude", "displacement", "reconstruction",
        "reconstructions", "recon", "psf",
    ]
    /// What further arrays are called; names of samples may hold these.
    private static let arrayWords: Set<String> = [
        "phase", "amp", "strain", "dark", "flat", "background", "modes", "obj",
    ]

    /// The word by which the name of a file tells that no scan is meant; `nil` for a name that tells nothing.
    static func word(inFileName name: String) -> String? { parts(name).first(where: words.contains) }

    /// The same for the name of an array.
    static func word(inArrayName name: String) -> String? {
        parts(name).first { words.contains($0) || arrayWords.contains($0) }
    }

    private static func parts(_ name: String) -> [String] {
        name.lowercased().split { !$0.isLetter }.map(String.init)
    }
}
