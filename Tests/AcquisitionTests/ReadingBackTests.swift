import Detectors
import Diffraction
import Foundation
import Testing
import Volume

@testable import Acquisition
@testable import ScanFiles

/// What the service makes of simulated scans.
@Suite struct ReadingBackTests {
    private func recipe(_ directory: String, layout: AcquisitionLayout = .bliss) throws -> SimulationRecipe {
        var recipe = SimulationRecipe(directory: directory, detector: try Catalogue.detector("mpx1x4"))
        recipe.layout = layout
        recipe.frames = 6
        recipe.region = FrameShape(rows: 64, columns: 80)
        recipe.oversampling = 3
        recipe.startTime = SyntheticScan.start
        return recipe
    }

    @Test(arguments: AcquisitionLayout.allCases)
    func everyLayoutIsRecognisedWithItsDetector(layout: AcquisitionLayout) throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory, layout: layout)
            // Only Lima says which part of the image was saved.
            if layout == .nexus { recipe.region = nil }
            let simulated = try recipe.run()
            let scan = try #require(try ScanFile.open(simulated.scanFile).scans.first)
            #expect(scan.problem == nil)
            #expect(scan.stack?.shape == simulated.shape)
            #expect(scan.completeness.framesWritten == 6)
            #expect(scan.completeness.state == (layout == .npz ? .unmarked : .complete))
            guard layout != .npz else { return }
            let catalogue = try Catalogue.all()
            let found = try catalogue.recognise(
                evidence: scan.evidence, frame: simulated.shape.frame, operations: scan.operations)
            #expect(found.detector.name == "maxipix-2x2")
            let record = DetectorRecord(
                of: recipe.detector, saved: try saved(recipe), fill: .raw, flag: 0)
            let mask = recipe.detector.defaultMask.cropped(rows: record.saved.rows, columns: record.saved.columns)
            #expect(found.mask == mask)
        }
    }

    @Test func aScanIsIncompleteUntilItsEnd() throws {
        try withTemporaryDirectory { directory in
            let recipe = try recipe(directory)
            let master = "\(directory)/simulation_id01.h5"
            var states: [ScanCompleteness.State] = []
            try recipe.run { _, _ in
                let copy = directory + "/copy"
                try? FileManager.default.removeItem(atPath: copy)
                try? FileManager.default.copyItem(atPath: "\(directory)/crystal", toPath: copy)
                let file = try? ScanFile.open("\(copy)/crystal_0001/crystal_0001.h5")
                states += file?.scans.map(\.completeness.state) ?? []
            }
            #expect(states == [ScanCompleteness.State](repeating: .running, count: 6))
            #expect(try ScanFile.open(master).scans.map(\.completeness.state) == [.complete])
        }
    }

    @Test func abortedAndDeadScansAreToldApart() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory)
            recipe.framesPerFile = 2
            recipe.interruption = .abort(afterFrames: 3)
            let file = try recipe.run().scanFile
            recipe.interruption = .crash(afterFrames: 3)
            try recipe.run()
            recipe.interruption = nil
            try recipe.run()
            let scans = try ScanFile.open(file).scans
            #expect(scans.map(\.completeness.state) == [.aborted, .running, .complete])
            #expect(scans[0].problem == nil && scans[0].completeness.framesWritten == 3)
        }
    }

    @Test func aMeasuredStackIsReadFromAnArchive() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory, layout: .npz)
            let archive = try recipe.run().scanFile
            let stack = try Volume<UInt32>(countsFrom: archive)
            #expect(stack.shape == VolumeShape(frames: 6, rows: 64, columns: 80))
            recipe.directory += "/placed"
            recipe.measured = stack
            let placed = try recipe.run()
            let truth = try dataset(try #require(placed.truthFile), "counts").read(as: UInt32.self)
            #expect(truth.max() == stack.storage.max())
            #expect(try ScanFile.open(try #require(placed.truthFile)).layout == .lacunaTruth)
        }
    }

    private func saved(_ recipe: SimulationRecipe) throws -> (rows: Range<Int>, columns: Range<Int>) {
        let placement = try PeakPlacement(on: recipe.detector, region: recipe.region)
        return (placement.rows.saved, placement.columns.saved)
    }
}
