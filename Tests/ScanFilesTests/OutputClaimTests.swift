import Foundation
import Testing

@testable import ScanFiles

/// Nothing is replaced that is not an earlier output of the very same scan.
@Suite struct OutputClaimTests {
    private typealias Sample = InpaintedFileSample

    private func scan(in directory: String, entry: String = "1.1", _ requester: OutputRequester) -> OutputProvenance {
        OutputProvenance(
            source: "\(directory)/scan.h5", entry: entry, dataset: "/1.1/measurement/mpx1x4", requester: requester)
    }

    private func write(to path: String, _ requester: OutputRequester?, claim: OutputClaim? = nil) throws {
        var header = Sample.header()
        header.source.requester = requester
        let writer = try InpaintedFileWriter(path: path, claim: claim, header: header)
        try writer.append(Sample.counts(), masks: .perFrame(Array(repeating: Sample.masks, count: 6)))
        try writer.finish(Sample.process)
    }

    @Test func whatMayBeReplacedDependsOnWhoWroteItAndOfWhich() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/out.h5"
            func refusal(_ permission: OutputClaim.Permission, entry: String = "1.1") -> String? {
                do throws(ScanFileError) {
                    _ = try OutputClaim(
                        path: path, for: scan(in: directory, entry: entry, .watch), replacing: permission)
                    return nil
                } catch {
                    #expect(error.kind == .occupied && error.path == path)
                    return error.problem
                }
            }
            #expect(refusal(.nothing) == nil)
            try Data("three days of work".utf8).write(to: URL(filePath: path))
            #expect(refusal(.own)?.contains("not written by Lacuna") == true)
            #expect(refusal(.anyOutput)?.contains("not written by Lacuna") == true)
            try Data().write(to: URL(filePath: path))
            #expect(refusal(.own) == nil)

            try write(to: path, .hand)
            #expect(refusal(.ownOfDaemon)?.contains("written by hand") == true)
            #expect(refusal(.nothing)?.contains("--overwrite") == true)
            #expect(refusal(.own) == nil)

            try write(to: path, nil)
            #expect(refusal(.ownOfDaemon)?.contains("written by hand") == true)

            try write(to: path, .watch)
            #expect(refusal(.ownOfDaemon) == nil)
            #expect(refusal(.ownOfDaemon, entry: "1.2")?.contains("holds another scan") == true)
            #expect(refusal(.own, entry: "1.2")?.contains("holds another scan") == true)
            #expect(refusal(.anyOutput, entry: "1.2") == nil)
        }
    }

    @Test func aFileThatAppearsMeanwhileIsNotReplaced() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/out.h5"
            let claim = try OutputClaim(path: path, for: scan(in: directory, .watch), replacing: .ownOfDaemon)
            try Data("mine".utf8).write(to: URL(filePath: path))
            #expect(throws: ScanFileError.self) { try write(to: path, .watch, claim: claim) }
            #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["out.h5"])
        }
    }

    @Test func anOutputThatIsChangedMeanwhileIsNotReplaced() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/out.h5"
            try write(to: path, .watch)
            let claim = try OutputClaim(path: path, for: scan(in: directory, .watch), replacing: .ownOfDaemon)
            try write(to: path, .watch, claim: claim)

            let next = try OutputClaim(path: path, for: scan(in: directory, .watch), replacing: .ownOfDaemon)
            try Data("mine".utf8).write(to: URL(filePath: path))
            #expect(throws: ScanFileError.self) { try write(to: path, .watch, claim: next) }
            #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
        }
    }

    @Test func aSwapWithAnotherFileThanTheOneMeantIsUndone() throws {
        try withTemporaryDirectory { directory in
            let (path, new) = ("\(directory)/a", "\(directory)/b")
            try Data("old".utf8).write(to: URL(filePath: path))
            let known = try #require(FileIdentity(at: path))
            try Data("changed".utf8).write(to: URL(filePath: path))
            try Data("new".utf8).write(to: URL(filePath: new))
            #expect(throws: ScanFileError.self) { try NameOccupant.file(known).giveWay(at: path, to: new) }
            #expect(FileManager.default.contents(atPath: path) == Data("changed".utf8))
            #expect(throws: ScanFileError.self) { try NameOccupant.nothing.giveWay(at: path, to: new) }
            try NameOccupant.anything.giveWay(at: path, to: new)
            #expect(FileManager.default.contents(atPath: path) == Data("new".utf8))
        }
    }

    @Test(arguments: [
        ("/d/s.h5", "/d", "s.h5"), ("/d/raw/s.h5", "/d/out", "../raw/s.h5"), ("/a/s.h5", "/", "a/s.h5"),
        ("/s.h5", "/a/b", "../../s.h5"),
    ])
    func theRawFileIsNamedAsSeenFromTheOutput(file: String, directory: String, name: String) {
        #expect(OutputProvenance.relativePath(of: file, from: directory) == name)
    }
}
