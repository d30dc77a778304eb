import Conventions
import Foundation
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// Frames that come one file at a time, as the daemon follows them.
@Suite struct FrameSeriesTests {
    @Test(arguments: [
        ("crystal_12_0001.edf", "crystal_12_#.edf", "crystal_12"),
        ("data_mpx4_00012.edf.gz", "data_mpx4_#.edf.gz", "data_mpx4"),
        ("S0012_00003.TIF", "S0012_#.TIF", "S0012"), ("a_0012_mpx4.edf", "a_#_mpx4.edf", "a"),
        ("scan12frame0003.tif", "scan12frame#.tif", "scan12frame"), ("0001.tiff", "#.tiff", "d"),
        ("x_0001_25C.edf", "x_#_25C.edf", "x"), ("a.b-7.edf", "a.b-#.edf", "a.b"),
    ])
    func theSeriesOfAFileIsKnownByItsName(file: String, series: String, stem: String) throws {
        let name = try #require(FrameSeriesName(ofFrame: "/d/\(file)"))
        #expect(name.path == "/d/\(series)" && name.stem == stem)
        #expect(FrameSeriesName(path: "/d/\(series)") == name)
        #expect(name.digits(of: file) != nil && name.digits(of: "other.edf") == nil)
        #expect(FileOwner(of: "/d/\(file)") { _ in [] } == .others(["/d/\(series)"]))
        #expect(FileOwner(of: "/d/\(series)") { _ in [] } == .itself)
        #expect(FileNames.mayHoldScan(file))
        #expect(
            OutputName.path(input: "/d/\(series)", label: "", siblings: { _ in [file] }) == "/d/\(stem)_inpainted.h5")
    }

    @Test(arguments: ["mask.tif", "a_0001.h5", "a_0001.png", "a.gz", "a_0001.gz", "0001"])
    func otherFilesAreOfNoSeries(file: String) {
        #expect(FrameSeriesName(ofFrame: "/d/\(file)") == nil)
    }

    @Test func seriesOfOneStemHaveOutputsOfTheirOwn() {
        let files = ["a_1.edf", "a_2.edf", "a_1.tif", "a_2.tif", "b.h5", "b_1.edf"]
        let names = ["a_#.edf", "a_#.tif", "b_#.edf", "b.h5"].map { file in
            AbsolutePath.name(of: OutputName.path(input: "/d/\(file)", label: "", siblings: { _ in files }))
        }
        #expect(
            names == [
                "a_inpainted.h5", "a_#.tif_inpainted.h5", "b_#.edf_inpainted.h5", "b_inpainted.h5",
            ])
    }

    @Test func framesOfBlissBelongToItsFile() {
        #expect(FileOwner(of: "/d/s/scan0001/mpx_0000.edf") { _ in ["s.h5"] } == .others(["/d/s/s.h5"]))
        #expect(FileOwner(of: "/d/s/scan0001/mpx_0000.edf") { _ in [] } == .others(["/d/s/scan0001/mpx_#.edf"]))
    }

    private func found(_ bench: Bench, frames: Int, state: InspectedScan.Completeness.State = .unmarked) -> String {
        let series = "\(bench.directory.path)/crystal_#.edf"
        var scan = InspectedScan(scan: nil, entry: "/")
        scan.sources = (0..<frames).map { "\(bench.directory.path)/crystal_\(10_000 + $0).edf" }
        scan.fingerprint = "\(frames)"
        scan.completeness = .init(state: state, framesWritten: frames, framesExpected: nil, evidence: [])
        bench.worker.find(Inspection(input: series, layout: "frame series", scans: [scan]))
        return series
    }

    @Test func aSeriesThatGrowsIsOneScan() async throws {
        let bench = try Bench()
        var series = ""
        for frame in 0..<20 {
            series = found(bench, frames: frame + 1)
            try await bench.land("crystal_\(10_000 + frame).edf")
            await bench.pass(1)
        }
        #expect(try await bench.state(series, "/") == .waiting)
        await bench.pass(6)
        #expect(try await bench.state(series, "/") == .ready)
        try await bench.work()
        #expect(bench.worker.inpainted.map(\.input) == [series])
        #expect(bench.worker.inpainted.map(\.output) == ["\(bench.directory.path)/crystal_inpainted.h5"])
        #expect(Set(bench.worker.inspected) == [series])
        // The files are accounted for, and a restart finds nothing new.
        let account = try await FileAccount(
            of: "\(bench.directory.path)/crystal_10003.edf", ledger: bench.ledger,
            configuration: Configuration(roots: [WatchedRoot(path: bench.directory.path)]))
        #expect(account.kind == .part && account.reason == "is a part of \(series)")
        let looks = bench.worker.inspected.count
        for frame in 0..<20 {
            try await bench.tell("\(bench.directory.path)/crystal_\(10_000 + frame).edf", live: false)
        }
        await bench.pass(10)
        #expect(bench.worker.inspected.count == looks)
        let whole = try await FileAccount(
            of: series, ledger: bench.ledger,
            configuration: Configuration(roots: [WatchedRoot(path: bench.directory.path)]))
        #expect(whole.kind == .scans && whole.scans.map(\.state) == [.done])
    }

    @Test func thousandsOfFramesCostFewLooks() async throws {
        let bench = try Bench()
        let count = 3000
        let files = try (0..<count).map { frame in
            let path = try bench.directory.write("crystal_\(10_000 + frame).edf", "x")
            return SeenFile(path: path, stamp: try #require(try FileStamp.read(path)))
        }
        let series = found(bench, frames: count)
        for start in stride(from: 0, to: count, by: 500) {
            try await bench.examiner.receive(.seen(Array(files[start..<start + 500]), live: false))
        }
        await bench.pass(10)
        #expect(try await bench.state(series, "/") == .ready)
        #expect(bench.worker.inspected.count <= 4)
        #expect(try await bench.ledger.changed(files).isEmpty)
    }

    @Test func aFrameThatIsTakenAwayHasTheSeriesLookedAtAgain() async throws {
        let bench = try Bench()
        for frame in 0..<4 { try await bench.land("crystal_\(10_000 + frame).edf") }
        let series = found(bench, frames: 4)
        await bench.pass(10)
        let looks = bench.worker.inspected.count
        let gone = "\(bench.directory.path)/crystal_10003.edf"
        try FileManager.default.removeItem(atPath: gone)
        try await bench.examiner.receive(.gone(gone))
        await bench.pass(2)
        #expect(bench.worker.inspected.count == looks + 1)
        #expect(try await bench.state(series, "/") == .ready)
    }
}
