import Foundation
import Testing
import WorkMessages

/// A file that changes while it is read yields no output.
@Suite struct BadInputChangeTests {
    /// What happens to the file once reading has begun.
    enum Change: String, CaseIterable, CustomTestStringConvertible {
        case vanishes, isReplaced = "is replaced", isCutOff = "is cut off", isWrittenTo = "is written to"

        var testDescription: String { rawValue }

        var says: String {
            switch self {
            case .vanishes: "no such file"
            case .isReplaced, .isWrittenTo: "changed while it was being read"
            case .isCutOff: "ends before byte"
            }
        }

        func apply(to path: String) throws {
            switch self {
            case .vanishes: try FileManager.default.removeItem(atPath: path)
            case .isReplaced:
                try FileManager.default.copyItem(atPath: path, toPath: path + ".new")
                guard rename(path + ".new", path) == 0 else { throw CocoaError(.fileWriteUnknown) }
            case .isCutOff: truncate(path, 10_000)
            case .isWrittenTo:
                let file = try FileHandle(forWritingTo: URL(filePath: path))
                try file.seek(toOffset: 200)
                try file.write(contentsOf: Data([1]))
            }
        }
    }

    /// The program reports its progress into a pipe too narrow for all of it, and so waits until the change is made.
    @Test(arguments: Change.allCases)
    func aFileThatChangesIsRefused(_ change: Change) async throws {
        try await withTemporaryDirectory { root in
            let input = root.appending(path: "scan.npy")
            let shape = [4096, 4, 4]
            try SmallScan.npy(SmallScan.counts(shape) as [UInt16], shape, type: "<u2").write(to: input)
            try SmallScan.npy([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] as [UInt8], [4, 4], type: "|u1")
                .write(to: root.appending(path: "mask.npy"))
            let (status, events) = try await aside { try Self.run(on: input, in: root, change) }

            let last = events.split(separator: "\n").last ?? ""
            BadInputReport.add(
                "file that \(change.rawValue) while it is read",
                at: 1010 + (Change.allCases.firstIndex(of: change) ?? 0),
                code: status, message: Self.message(of: last), directory: root)
            #expect(status == 3 && last.contains("\"failure\""), "\(last)")
            #expect(last.contains(change.says) && last.contains("scan.npy"), "\(last)")
            let left = Set(try FileManager.default.contentsOfDirectory(atPath: root.path(percentEncoded: false)))
            #expect(left.isSubset(of: ["scan.npy", "mask.npy", "detectors"]), "\(left)")
        }
    }

    /// Inpaints a file and changes it on the way.
    ///
    /// - Returns: The exit code and what was reported after the change.
    private static func run(on input: URL, in root: URL, _ change: Change) throws -> (status: Int32, events: String) {
        let path = input.path(percentEncoded: false)
        let process = Process()
        process.executableURL = LacunaProcess.executable
        process.arguments = ["child", "inpaint"]
        var settings = ProcessingSettings()
        settings.preview = false
        settings.fineTune = .off
        settings.detectorDirectories = [try SmallScan.describeDetectors(in: root)]
        var job = InpaintJob(
            input: path, scan: nil, output: root.plainPath + "/scan_inpainted.h5", settings: settings)
        job.mask = root.plainPath + "/mask.npy"
        let (output, keepAlive) = (Pipe(), Pipe())
        // The capacity of a pipe in bytes: F_SETPIPE_SZ of fcntl(2).
        #expect(fcntl(output.fileHandleForReading.fileDescriptor, 1031, 4096) == 4096)
        process.standardInput = keepAlive
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        try keepAlive.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(job) + Data("\n".utf8))
        let executioner = process.killIfItHangs()
        defer { executioner.cancel() }
        try output.fileHandleForWriting.close()
        let start = try #require(try output.fileHandleForReading.read(upToCount: 20))
        #expect(String(decoding: start, as: UTF8.self).hasPrefix("{\"progress\""))
        try change.apply(to: path)
        let rest = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, rest)
    }

    private static func message(of event: Substring) -> String {
        struct Event: Decodable {
            struct Failure: Decodable { var message: String }
            var failure: Failure
        }
        let event = try? JSONDecoder().decode(Event.self, from: Data(event.utf8))
        return event.map { "lacuna: \($0.failure.message)" } ?? ""
    }
}
