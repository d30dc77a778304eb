import Detectors
import Foundation
import Inpainting
import Synchronization
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import ScanFiles
@testable import ScanProcessing

@Suite struct ScanInpainterTests {
    /// Something is left beside the hidden gaps.
    private static let wide = VolumeShape(frames: 16, rows: 48, columns: 192)

    /// A whole scan from file to file, with the network given.
    private func inpaint(
        _ scan: SyntheticScan, network: FakeNetwork? = nil, output name: String = "out.h5",
        settings change: (inout ProcessingSettings) -> Void = { _ in },
        progress: (WorkProgress) -> Void = { _ in }
    ) throws -> InpaintReport {
        var settings = ProcessingSettings()
        settings.preview = false
        settings.fineTune = .off
        change(&settings)
        let model = try scan.directory.write("model", "weights")
        let fillers = FillerFactory(shippedModel: network.map { _ in model }) { _ in
            network ?? FakeNetwork(fault: .none)
        }
        var inpainter = try ScanInpainter(
            scan: scan.scan(), gaps: scan.gaps(), settings: settings, fillers: fillers,
            output: "\(scan.directory.path)/\(name)", version: "0"
        )
        inpainter.date = Date(timeIntervalSince1970: 1_700_000_000)
        var report = try inpainter.run(progress: progress)
        report.remarks.removeAll { $0.hasPrefix("the mask given") }
        return report
    }

    @Test func theCheckComparesTheSameGapsFilledInThreeWays() throws {
        let scan = try SyntheticScan()
        let report = try inpaint(scan, network: FakeNetwork(fault: .none)) { $0.quality = .best }
        #expect(report.method == "network")
        #expect(report.model?.name == "fake")
        // sha256sum of “weights”.
        #expect(report.model?.sha256 == "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c")
        #expect(report.quality.samples == 2)
        let check = try #require(report.selfCheck)
        #expect(check.pcc == check.pccKriging && check.pcc ?? 0 > check.pccLinear ?? 1)
        // What is stated for the gaps themselves is no copy of that, but near it.
        let difference = try #require(report.quality.pcc) - #require(check.pcc)
        #expect(difference != 0 && abs(difference) < 0.05)
        #expect(report.quality.withinTwoSigma ?? 0 > report.quality.withinOneSigma ?? 1)
        #expect(
            report.quality.withinOneSigma == check.withinOneSigma
                && report.quality.withinTwoSigma == check.withinTwoSigma)
        #expect(report.quality.pccBeforeFineTune == nil && !report.fineTuned)
        #expect(report.remarks.allSatisfy { $0.contains("Friedel mates") })
        #expect(report.filledVoxels == scan.shape.frames * scan.mask.maskedCount)
    }

    @Test func eachGapHasAVerdictOfItsOwn() throws {
        let scan = try SyntheticScan()
        let report = try inpaint(scan) { $0.method = .kriging }
        let gaps = try #require(report.gaps)
        #expect(gaps.reduce(0) { $0 + $1.filledVoxels } == report.filledVoxels)
        let gap = try #require(gaps.first)
        #expect(gap.samples == report.quality.samples && gap.intensityBias != nil)
        #expect(try #require(gap.expectedPCC) < #require(gap.attainablePCC))
        #expect(gaps.summary.contains("\(gap.verdict.rawValue) \(gap.width) px"))
        // Interpolation states no uncertainty, so that nothing is claimed.
        let linear = try inpaint(scan, output: "linear.h5") { $0.method = .linear }
        #expect(linear.gaps?.allSatisfy { $0.verdict == .unknown && $0.expectedPCC == nil } == true)
    }

    @Test func theQuickestWayOfTheNetworkIsCalledKriging() throws {
        let report = try inpaint(SyntheticScan(), network: FakeNetwork(fault: .none)) { $0.quality = .fast }
        #expect(report.method == "kriging")
        #expect(report.model == nil)
    }

    @Test func krigingTakesOverWhereItIsBetterOnThisScan() throws {
        let report = try inpaint(SyntheticScan(), network: FakeNetwork(fault: .severe))
        #expect(report.method == "kriging")
        #expect(report.model == nil)
        #expect(report.selfCheck?.pcc == report.quality.pccKriging)
        #expect(report.remarks.contains { $0.hasPrefix("kriging instead of the network: pcc") })
    }

    @Test func withoutANetworkTheDefaultIsKriging() throws {
        let report = try inpaint(SyntheticScan())
        #expect(report.method == "kriging" && report.model == nil)
        #expect(report.remarks == ["kriging instead of the network, of which none is installed"])
        #expect(report.selfCheck?.pcc == report.quality.pccKriging)
    }

    @Test func aScanInTheDarkIsFilledAsAsked() throws {
        let report = try inpaint(SyntheticScan(peak: 0), network: FakeNetwork(fault: .severe)) {
            $0.fineTune = .always
        }
        #expect(report.method == "network" && !report.fineTuned)
        #expect(report.quality.pcc == nil && report.quality.samples == 0)
        #expect(report.remarks == ["not fine-tuned: the scan has no gap-free region with enough signal"])
    }

    @Test func fineTuningIsKept() throws {
        let network = FakeNetwork(fault: .severe, faultAfterTraining: FakeNetwork.Fault.none)
        let stages = Mutex<[String]>([])
        let scan = try SyntheticScan(Self.wide)
        let report = try inpaint(scan, network: network) {
            $0.fineTune = .always
        } progress: { made in
            stages.withLock { if $0.last != made.stage { $0.append(made.stage) } }
        }
        #expect(report.method == "network" && report.fineTuned)
        let before = try #require(report.quality.pccBeforeFineTune)
        #expect(try #require(report.quality.pcc) > before)
        #expect(report.remarks.contains { $0.hasPrefix("fine-tuned: pcc") })
        #expect(report.seconds.fineTune > 0)
        #expect(network.seen.widths == [6])
        #expect(!network.seen.crops.isEmpty)
        #expect(network.seen.crops.allSatisfy { $0 == VolumeShape(frames: 16, rows: 32, columns: 32) })
        #expect(stages.withLock { $0 } == ["survey", "check", "fine-tune", "inpaint", "write"])
    }

    @Test func fineTuningIsDroppedWhereTheCheckClearlyLoses() throws {
        let scan = try SyntheticScan(Self.wide)
        let network = FakeNetwork(fault: .none, faultAfterTraining: .severe)
        let report = try inpaint(scan, network: network) { $0.fineTune = .always }
        #expect(report.method == "network" && !report.fineTuned)
        #expect(report.quality.pccBeforeFineTune == nil)
        #expect(report.remarks.contains { $0.hasPrefix("what was learnt was not kept: pcc") })
    }

    @Test func autoLearnsForNoLongerThanItTakesToFillTwice() throws {
        let network = FakeNetwork(fault: .severe, faultAfterTraining: FakeNetwork.Fault.none)
        let report = try inpaint(SyntheticScan(Self.wide), network: network) { $0.fineTune = .auto }
        #expect(!report.fineTuned && network.seen.crops.isEmpty)
        #expect(report.remarks.contains { $0.hasPrefix("not fine-tuned: it would take more than twice") })
    }

    @Test func autoLeavesAGoodNetworkAlone() throws {
        let network = FakeNetwork(fault: .none, faultAfterTraining: .severe)
        let report = try inpaint(SyntheticScan(Self.wide), network: network) {
            $0.fineTune = .auto
            $0.fineTuneAboveMisfit = 1e9
        }
        #expect(!report.fineTuned && network.seen.crops.isEmpty)
    }

    @Test(arguments: [FillMethod.linear, .network]) func theSameScanGivesTheSameBytes(method: FillMethod) throws {
        let scan = try SyntheticScan()
        let files = try ["a.h5", "b.h5"].map { name in
            let report = try inpaint(scan, output: name) { $0.method = method }
            return try Data(contentsOf: URL(fileURLWithPath: report.output))
        }
        #expect(files[0] == files[1])
    }

    @Test func aNetworkThatCannotBeRunLeavesNoOutput() throws {
        let scan = try SyntheticScan()
        var network = FakeNetwork(fault: .none)
        network.runFailure = FakeNetwork.Broken(description: "no memory")
        #expect(throws: WorkerFailure(.internalFailure, "the network cannot be run: no memory")) {
            try inpaint(scan, network: network)
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: scan.directory.path)
        #expect(Set(left) == ["scan.npy", "mask.npy", "model"])
    }

    @Test func aNetworkThatCannotBeTrainedIsUsedAsItIsAndTold() throws {
        var network = FakeNetwork(fault: .none)
        network.trainingFailure = FakeNetwork.Broken(description: "no memory")
        let report = try inpaint(SyntheticScan(Self.wide), network: network) { $0.fineTune = .always }
        #expect(report.method == "network" && !report.fineTuned)
        #expect(report.remarks.contains("not fine-tuned: the network cannot be trained: no memory"))
    }

    /// The picture is not what the scan is inpainted for: the output is whole without it.
    @Test func aPictureThatCannotBeWrittenIsARemark() throws {
        let scan = try SyntheticScan()
        let report = try inpaint(scan, output: "picture.h5", settings: { $0.preview = true }) { made in
            // The name under which the picture is written at first is not free.
            guard made.stage == "write", made.done == 0 else { return }
            _ = try? scan.directory.write(".picture.png.\(getpid()).partial/x")
        }
        #expect(report.remarks.contains { $0.hasPrefix("no picture was written") })
        #expect(FileManager.default.fileExists(atPath: report.output))
    }

    private func root(of report: InpaintReport) throws -> LinkedGroup {
        let walker = LinkWalker()
        return LinkedGroup(group: try walker.root(of: walker.file(report.output)), walker: walker)
    }

    @Test func theFileSaysInWhichPrecisionTheNetworkWasComputed() throws {
        func precision(_ report: InpaintReport) throws -> String? {
            try root(of: report).text("entry/inpainting/parameters/precision")
        }
        let scan = try SyntheticScan()
        let network = try inpaint(scan, network: FakeNetwork(fault: .none))
        #expect(try ["float32", "bfloat16"].contains(precision(network)))
        let linear = try inpaint(scan, output: "linear.h5") { $0.method = .linear }
        #expect(try precision(linear) == nil)
    }

    @Test func theFileSaysHowAndWhenItWasMade() throws {
        let scan = try SyntheticScan()
        let report = try inpaint(scan) { $0.method = .linear }
        let root = try root(of: report)
        func text(_ name: String) -> String { root.text("entry/inpainting/\(name)") ?? "" }
        #expect(text("date") == "2023-11-14T22:13:20Z")
        #expect(!text("scan_date").isEmpty && text("scan_date") != text("date"))
        let command = text("command")
        #expect(command.hasPrefix("lacuna inpaint \(report.input) ") && command.contains("--method linear"))
        #expect(!command.contains(report.output), "the same bytes under any name")
        #expect(text("source/directory") == scan.directory.path)
        #expect(!FileManager.default.fileExists(atPath: report.output.dropLast(2) + "png"), "no picture was asked for")
        #expect(text("source/frame_files").contains(report.input))
        #expect(text("remarks").contains("the mask given"))
    }

    @Test func aModelThatCannotBeUsedIsNamed() throws {
        struct Broken: Error, CustomStringConvertible { var description: String }
        var settings = ProcessingSettings()
        let fillers = FillerFactory(shippedModel: "/shipped/m.safetensors") { path in
            throw Broken(description: "\(path): cut short")
        }
        let shipped = #expect(throws: WorkerFailure.self) { try fillers.filler(for: settings) }
        #expect(
            shipped?.cause == .internalFailure && shipped?.message.contains("/shipped/m.safetensors: cut short") == true
        )
        settings.model = "/given/m.safetensors"
        #expect(throws: WorkerFailure(.configuration, "the network cannot be used: /given/m.safetensors: cut short")) {
            try fillers.filler(for: settings)
        }
        // No other method needs it.
        settings.method = .linear
        #expect(try fillers.filler(for: settings).filler.method == .linear)
    }
}
