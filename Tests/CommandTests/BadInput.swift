import Foundation
import Testing

/// One bad input: how it is made, how `lacuna inpaint` is called with it, and what has to come of that.
struct BadInput: Sendable, CustomTestStringConvertible {
    /// What becomes of the file where the daemon meets it in a tree.
    enum Fate: String, Sendable {
        case done, quarantined, skipped, waiting
        /// It counts for no scan.
        case passed
        /// It takes the command line to make it bad, or the file cannot lie in a tree.
        case byHandOnly = "by hand only"
    }

    /// What the file is; a line of the table.
    var name: String
    /// The name of the file within the directory of this case.
    var file: String
    /// Further arguments; paths are relative to that directory.
    var arguments: [String] = []
    var code: Int32
    /// What the message must hold beside the file at fault.
    var says: [String] = []
    /// The file that the message must name, where it is not the input.
    var names: String?
    var fate: Fate
    /// Run by a user who has no right beyond what the files allow.
    var asNobody = false
    /// Makes the file and all that belongs to it.
    var make: @Sendable (BadInputPlace) throws -> Void
    /// Looks at the output of a file that is no failure in the end.
    var check: (@Sendable (_ output: String) throws -> Void)?

    var testDescription: String { name }

    /// All of them, in the order of the table.
    static let all: [BadInput] =
        unreadable + damaged + shapes + types + detectors + masks + choices + links + acquisitions + counts + numpy
        + places + names + outputs

    /// Where a case has its place in the table.
    var index: Int { Self.all.firstIndex { $0.name == name } ?? Self.all.count }
}

/// The directory in which a bad input is made.
struct BadInputPlace: Sendable {
    let directory: URL
    let name: String
    /// Where ``SmallScan/describeDetectors(in:)`` has put its descriptions.
    let detectors: String

    /// The input.
    var path: String { path("") }

    /// Another file beside the input, or the input for an empty name.
    func path(_ other: String) -> String {
        directory.path(percentEncoded: false) + "/" + (other.isEmpty ? name : other)
    }

    func write(_ bytes: some Sequence<UInt8>, to other: String = "") throws {
        try Data(bytes).write(to: URL(filePath: path(other)))
    }

    /// Rewrites the input, e.g. without its end.
    func change(_ other: String = "", _ body: (inout Data) throws -> Void) throws {
        var data = try Data(contentsOf: URL(filePath: path(other)))
        try body(&data)
        try data.write(to: URL(filePath: path(other)))
    }

    /// Runs `lacuna` here and requires that it succeeds.
    func run(_ arguments: String...) throws {
        let result = try LacunaProcess.runNow(
            LacunaProcess.executable, arguments + ["--detector-directory", detectors], in: directory)
        try #require(result.status == 0, "\(result.errors)")
    }
}

/// A directory for one case, with descriptions of small detectors beside it.
struct BadInputBench {
    let root: URL
    let place: BadInputPlace

    init(in root: URL, for input: BadInput) throws {
        self.root = root
        place = BadInputPlace(
            directory: root.appending(path: "case"), name: input.file,
            detectors: try SmallScan.describeDetectors(in: root))
        try FileManager.default.createDirectory(at: place.directory, withIntermediateDirectories: true)
        try input.make(place)
        if input.asNobody { try Nobody.own(root) }
    }

    func run(_ input: BadInput) throws -> LacunaProcess.Result {
        let arguments =
            ["inpaint", "--detector-directory", place.detectors] + input.arguments + ["--", input.file]
        let (executable, all) = input.asNobody ? Nobody.command(arguments) : (LacunaProcess.executable, arguments)
        return try LacunaProcess.runNow(executable, all, in: place.directory)
    }

    /// What lies in the directory: each name with its mode and the content of files.
    func listing() throws -> [String: Entry] {
        let directory = place.directory.path(percentEncoded: false)
        var listing: [String: Entry] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            var status = stat()
            lstat(directory + "/" + name, &status)
            let isFile = status.st_mode & S_IFMT == S_IFREG
            listing[name] = Entry(
                mode: status.st_mode,
                content: isFile ? FileManager.default.contents(atPath: directory + "/" + name) : nil)
        }
        return listing
    }

    struct Entry: Equatable {
        var mode: UInt32
        var content: Data?
    }
}
