import Detectors
import Diffraction
import Foundation
import Testing
import Volume

@testable import Acquisition
@testable import ScanFiles

@Suite struct SimulationRecipeTests {
    /// A small part of a MAXIPIX around the seams' crossing.
    private func recipe(_ directory: String, detector: String = "mpx1x4") throws -> SimulationRecipe {
        var recipe = SimulationRecipe(directory: directory, detector: try Catalogue.detector(detector))
        recipe.frames = 5
        recipe.region = FrameShape(rows: 64, columns: 80)
        recipe.oversampling = 3
        recipe.startTime = SyntheticScan.start
        recipe.seed = 7
        recipe.version = "1.2.3"
        return recipe
    }

    @Test func widePixelsOfAMaxipixHoldTheSumsOfThreeLines() throws {
        try withTemporaryDirectory { directory in
            let scan = try recipe(directory).run()
            #expect(scan.scanNumber == 1 && scan.framesWritten == 5)
            let data = try volume(scan.scanFile, "1.1/measurement/mpx1x4")
            let truthFile = try #require(scan.truthFile)
            let truth = try volume(truthFile, "counts")
            #expect(data.shape == VolumeShape(frames: 5, rows: 64, columns: 80) && truth.shape == data.shape)

            let lima = "entry_0000/ESRF-ID01/mpx1x4/image_operation/region_of_interest"
            let firstRow = try integer(scan.frameFiles[0], "\(lima)/ystart")
            let firstColumn = try integer(scan.frameFiles[0], "\(lima)/xstart")
            let (seam, column) = (256 - firstRow, 256 - firstColumn)
            for frame in 0..<5 {
                #expect((seam..<seam + 4).allSatisfy { data[frame, $0, 5] == 0 })
                let below = (0..<3).map { truth[frame, seam - 1 + $0, 5] }.reduce(0, +)
                #expect(data[frame, seam - 1, 5] == below)
                let corner = (0..<9).map { truth[frame, seam + 2 + $0 / 3, column + 2 + $0 % 3] }.reduce(0, +)
                #expect(data[frame, seam + 4, column + 4] == corner)
                #expect(data[frame, 5, 5] == truth[frame, 5, 5])
            }
            #expect(truth[2, scan.peakRow, scan.peakColumn] > 50_000)
            #expect(seam + 2 - scan.peakRow == 20 && column + 2 - scan.peakColumn == 20)
        }
    }

    @Test func theRegionOfInterestLetsTheMaskFit() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory, detector: "eiger2M")
            recipe.region = FrameShape(rows: 100, columns: 64)
            recipe.background = 5
            let scan = try recipe.run()
            let lima = "entry_0000/ESRF-ID01/eiger2M/image_operation/region_of_interest"
            let rows = try integer(scan.frameFiles[0], "\(lima)/ystart")..<2164
            let columns = try integer(scan.frameFiles[0], "\(lima)/xstart")..<1030
            let mask = recipe.detector.mask(.bare)
            let data = try volume(scan.scanFile, "1.1/measurement/eiger2M")
            var zeros = 0
            for row in 0..<100 {
                for column in 0..<64 {
                    let isBlind = mask[rows.lowerBound + row, columns.lowerBound + column]
                    #expect(!isBlind || data[2, row, column] == 0)
                    zeros += data[2, row, column] == 0 && !isBlind ? 1 : 0
                }
            }
            // exp(-5) of the others.
            #expect(zeros < 150)
            #expect(mask.cropped(rows: rows.prefix(100), columns: columns.prefix(64)).maskedCount > 36 * 64 - 1)
        }
    }

    @Test func blindPixelsCanBeFlagged() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory, detector: "eiger2-1m")
            recipe.layout = .nexus
            recipe.flagsBlindPixels = true
            let scan = try recipe.run()
            let detector = "entry/instrument/detector"
            #expect(try text(scan.scanFile, "\(detector)/description") == "Dectris EIGER2 1M")
            let mask = try dataset(scan.scanFile, "\(detector)/pixel_mask").read(as: UInt32.self)
            let frame = try dataset(scan.scanFile, "entry/data/data").read(as: UInt32.self).suffix(mask.count)
            #expect(zip(mask, frame).allSatisfy { ($0 == 0) == ($1 != .max) })
            #expect(mask.contains(1) && mask.contains(0))
            #expect(try text(scan.scanFile, "entry/end_time") != nil)
        }
    }

    @Test func aMeasuredStackIsPlacedWithItsPeakBesideTheSeams() throws {
        try withTemporaryDirectory { directory in
            var stack = Volume<UInt32>(shape: VolumeShape(frames: 3, rows: 30, columns: 40), repeating: 1)
            stack[1, 11, 13] = 70_000
            var recipe = try recipe(directory)
            recipe.measured = stack
            recipe.region = nil
            recipe.layout = .lima
            let scan = try recipe.run()
            #expect(scan.shape == VolumeShape(frames: 3, rows: 516, columns: 516))
            #expect(scan.peakRow == 238 && scan.peakColumn == 238)
            let truth = try volume(try #require(scan.truthFile), "counts")
            let data = try volume(scan.scanFile, "entry_0000/measurement/data")
            #expect(truth[1, 238, 238] == 70_000 && data[1, 238, 238] == 70_000)
            #expect(truth[0, 238 - 11, 238 - 13] == 1 && truth[2, 238 + 18, 238 + 26] == 1)
            let around = truth.storage.reduce(0) { $0 + Double($1) } - 70_000 - Double(stack.shape.count - 1)
            #expect(abs(around / Double(truth.shape.count - stack.shape.count) - 1) < 0.01)
            #expect(try text(try #require(scan.truthFile), "noise_free") == nil)
        }
    }

    @Test func theTruthSaysThatItIsNoScan() throws {
        try withTemporaryDirectory { directory in
            let truth = try #require(try recipe(directory).run().truthFile)
            let root = try HDF5File(readingFrom: truth).root
            #expect(try root.textAttribute("creator") == "lacuna simulate 1.2.3")
            #expect(try text(truth, "parameters/crystal") == "wulff")
            let expected = try dataset(truth, "noise_free").read(as: Double.self)
            let counts = try dataset(truth, "counts").read(as: Double.self)
            let variance = zip(expected, counts).reduce(0) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) / $1.0 }
            #expect(abs(variance / Double(counts.count) - 1) < 0.1)
        }
    }

    @Test func atomsMakeAScanWithTruthLikeAnyOther() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory)
            recipe.crystal = .octahedron
            recipe.atoms = AtomicModel(.gold, size: 3)
            recipe.strain = 0
            let scan = try recipe.run()
            let truthFile = try #require(scan.truthFile)
            #expect(try text(truthFile, "parameters/atoms") == "Au")
            let truth = try volume(truthFile, "counts")
            #expect(abs(Double(truth[2, scan.peakRow, scan.peakColumn]) / 1e5 - 1) < 0.1)
            #expect(try volume(scan.scanFile, "1.1/measurement/mpx1x4").shape == truth.shape)
        }
    }

    @Test(arguments: AcquisitionLayout.allCases)
    func sameSeedSameBytes(layout: AcquisitionLayout) throws {
        let files = try ([7, 7, 8] as [UInt64]).map { seed in
            try withTemporaryDirectory { directory in
                var recipe = try recipe(directory)
                recipe.layout = layout
                recipe.seed = seed
                let scan = try recipe.run()
                let paths = [scan.scanFile, scan.truthFile].compactMap { $0 } + scan.frameFiles
                return try paths.map { try Data(contentsOf: URL(filePath: $0)) }
            }
        }
        #expect(files[0] == files[1])
        #expect(files[0].last != files[2].last)
    }

    @Test func anArchiveHoldsDataAndMask() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory)
            recipe.layout = .npz
            recipe.compression = .none
            let scan = try recipe.run()
            let bytes = try Data(contentsOf: URL(filePath: scan.scanFile))
            let data = "{'descr': '<u4', 'fortran_order': False, 'shape': (5, 64, 80, ), }"
            let mask = "{'descr': '|u1', 'fortran_order': False, 'shape': (64, 80, ), }"
            #expect(bytes.range(of: Data("data.npy".utf8)) != nil && bytes.range(of: Data(data.utf8)) != nil)
            #expect(bytes.range(of: Data("mask.npy".utf8)) != nil && bytes.range(of: Data(mask.utf8)) != nil)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == [
                    "crystal_0001.npz", "truth.h5",
                ])
        }
    }

    @Test func aScanIsNeverWrittenOverAnotherOne() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory)
            recipe.layout = .lima
            try recipe.run()
            #expect(throws: ScanFileError.self) { try recipe.run() }
        }
    }

    @Test func impossibleRecipesAreRefused() throws {
        try withTemporaryDirectory { directory in
            var recipe = try recipe(directory)
            recipe.region = FrameShape(rows: 20, columns: 80)
            #expect(throws: RecipeError.self) { try recipe.run() }
            recipe.region = FrameShape(rows: 517, columns: 80)
            #expect(throws: RecipeError.self) { try recipe.run() }
            recipe.region = nil
            recipe.frames = 0
            #expect(throws: RecipeError.self) { try recipe.run() }
            recipe.frames = 5
            recipe.atoms = AtomicModel(.copper, size: 1)
            #expect(throws: RecipeError.self) { try recipe.run() }
        }
    }

    private func volume(_ path: String, _ name: String) throws -> Volume<UInt32> {
        let data = try dataset(path, name)
        let shape = VolumeShape(frames: data.shape[0], rows: data.shape[1], columns: data.shape[2])
        return Volume(shape: shape, storage: try data.read())
    }

    private func integer(_ path: String, _ name: String) throws -> Int {
        Int(try #require(try dataset(path, name).read(as: Int64.self).first))
    }
}
