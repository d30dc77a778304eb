import Foundation
import Settings
import Testing
import Volume
import WorkMessages

@testable import ScanFiles

/// Scans with several exposures at each point.
@Suite struct ExposureSeriesTests {
    private static let image = [20, 24]

    private func counts(_ shape: [Int]) -> [UInt32] { (0..<shape.reduce(1, *)).map { UInt32($0 % 65_521) } }

    private func frames(of scan: Scan) throws -> [UInt32] {
        let reader = try FrameReader(scan)
        return try reader.read(frames: 0..<reader.shape.frames).bitPatterns()
    }

    /// (point, exposure, row, column) as ophyd and areaDetector write it.
    private func writePoints(_ path: String, _ shape: [Int], chunk: [Int]?, thresholds: Int = 0) throws {
        let detector = try HDF5File(creating: path).root.createDetector().detector
        for threshold in 0..<thresholds { _ = try detector.createGroup("threshold_\(threshold + 1)_channel") }
        try detector.write("data", counts(shape), shape: shape, storage: HDF5Storage(chunk: chunk))
        try detector.setAttribute("axes", to: "eta")
        try detector.write("eta", (0..<shape[0]).map(Double.init), shape: [shape[0]])
    }

    @Test(arguments: [nil, ExposureUse.stack, .sum], [nil, [1, 1, 20, 24], [2, 3, 20, 24]])
    func anAxisOfExposuresIsStackedOrSummed(use: ExposureUse?, chunk: [Int]?) throws {
        try withTemporaryDirectory { directory in
            let (path, shape) = ("\(directory)/s.h5", [4, 3] + Self.image)
            try writePoints(path, shape, chunk: chunk)
            let scan = try #require(ScanFile.open(path, selection: nil, series: use).scans.first)
            guard let use else {
                #expect(scan.problem?.problem.contains("`series` sums them or takes each as a frame") == true)
                return
            }
            #expect(scan.problem == nil && scan.exposures == 3 && scan.addedExposures == (use == .sum ? 3 : 1))
            #expect(scan.stack?.shape == VolumeShape(frames: 12, rows: 20, columns: 24))
            #expect(try frames(of: scan) == counts(shape))
            let positions = use == .sum ? [0.0, 1, 2, 3] : [0.0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
            #expect(scan.scannedMotor?.values == positions)
            #expect(scan.remarks.contains { $0.contains("3 exposures at") }, "\(scan.remarks)")
        }
    }

    @Test func anAxisOfThresholdsStaysOne() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.h5"
            try writePoints(path, [4, 3] + Self.image, chunk: nil, thresholds: 3)
            let scan = try #require(ScanFile.open(path, selection: nil, series: .sum).scans.first)
            #expect(scan.exposures == 1 && scan.stack?.shape.frames == 4)
            #expect(scan.remarks == ["threshold 1 of 3 was taken"])
        }
    }

    @Test func aProfileTellsThatTheSecondAxisIsOfExposures() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.h5"
            try writePoints(path, [4, 3] + Self.image, chunk: nil)
            let profile = try FacilityProfile(
                SettingsValue(
                    yaml: "name: a\ndatasets: [entry/instrument/detector/data]\nsecond_axis: exposures\n", file: "p"))
            let scan = try #require(ScanFile.open(path, selection: nil, profile: .named(profile)).scans.first)
            #expect(scan.exposures == 3 && scan.addedExposures == 1 && scan.stack?.shape.frames == 12)
            #expect(scan.remarks.contains { $0.contains("`series: sum` adds them") })
        }
    }

    /// PETRA III P10: `nimages` at each of `ntrigger` points, one file for each point or all in one.
    @Test(arguments: [nil, ExposureUse.stack, .sum], [2, 6])
    func imagesAtEachTriggerAreExposures(use: ExposureUse?, framesInFile: Int) throws {
        try withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: "\(directory)/s_00012/e4m", withIntermediateDirectories: true)
            let path = "\(directory)/s_00012/e4m/s_00012_master.h5"
            let entry = try HDF5File(creating: path).root.createGroup("entry", nexusClass: "NXentry")
            let detector = try entry.createGroup("instrument").createGroup("detector", nexusClass: "NXdetector")
            let specific = try detector.createGroup("detectorSpecific")
            try specific.write("nimages", UInt32(2))
            try specific.write("ntrigger", UInt32(3))
            let data = try entry.createGroup("data")
            let all = counts([6] + Self.image)
            for (number, first) in stride(from: 0, to: 6, by: framesInFile).enumerated() {
                let name = "data_00000\(number + 1)"
                let values = Array(all[first * 480..<(first + framesInFile) * 480])
                try HDF5File(creating: "\(directory)/s_00012/e4m/s_00012_\(name).h5").root
                    .write("d", values, shape: [framesInFile] + Self.image)
                    .setAttribute("image_nr_low", to: Int32(first + 1))
                try data.createExternalLink(name, toFile: "s_00012_\(name).h5", path: "/d")
            }
            try Data(fio.utf8).write(to: URL(filePath: "\(directory)/s_00012/s_00012.fio"))

            let scan = try #require(ScanFile.open(path, selection: nil, series: use).scans.first)
            #expect(scan.problem == nil && scan.exposures == 2 && scan.addedExposures == (use == .sum ? 2 : 1))
            #expect(try frames(of: scan) == all)
            #expect(scan.title == "ascan om 10 11 2 1")
            #expect(scan.scannedMotor?.name == "om")
            #expect(scan.scannedMotor?.values == (use == .sum ? [10, 10.5, 11] : [10, 10, 10.5, 10.5, 11, 11]))
            let advice = scan.remarks.contains { $0.contains("`series: sum` adds them") }
            #expect(advice == (use == nil), "\(scan.remarks)")
        }
    }

    private let fio = """
        !
        ! Comments
        %c
        ascan om 10 11 2 1
        user p10user Acquisition started at Fri Nov 20 21:00:00 2026
        !
        %p
        fmbenergy = 11.8
        om = 10
        !
        %d
         Col 1 petracurrent DOUBLE
         Col 2 om DOUBLE
         101.2 10
         101.1 10.5
         101.0 11

        """

    @Test func aFioFileThatIsCutOffGivesNoMotor() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/s.fio"
            try Data(fio.dropLast(4).utf8).write(to: URL(filePath: path))
            let file = try #require(FioFile(path))
            #expect(file.scannedMotor(points: 2)?.values == [10, 10.5])
            #expect(file.scannedMotor(points: 3) == nil)
        }
    }

    @Test func sumsKeepWhatIsNoMeasurement() {
        var frames = DecodedFrames<Float>()
        frames.frames = 4..<8
        frames.frameShape = FrameShape(rows: 1, columns: 2)
        frames.voxels = [1, 2, 3, 0, 16_777_213, 6, 2, 8]
        // One in the last exposure, one in the first.
        frames.invalid = [false, false, false, true, false, true, false, false]
        let sum = frames.summed(by: 2)
        #expect(sum.frames == 2..<4 && sum.voxels == [4, 0, 16_777_215, 0])
        #expect(sum.invalid == [false, true, false, true] && sum.invalidCount == 2 && sum.isExact)
        frames.voxels[4] = 16_777_215
        #expect(!frames.summed(by: 2).isExact)
    }

    /// Found by `Benchmarks/fuzzing truth`, seed 800037.
    @Test func aSumOfFractionsIsRoundedOnce() {
        var frames = DecodedFrames<Float>()
        frames.frames = 0..<3
        frames.frameShape = FrameShape(rows: 1, columns: 2)
        frames.voxels = [16_777_216, 0.1, 1, 0.2, 1, 0.3]
        frames.invalid = [Bool](repeating: false, count: 6)
        #expect(
            frames.summed(by: 3).voxels == [
                16_777_218, Float(Double(Float(0.1)) + Double(Float(0.2)) + Double(Float(0.3))),
            ])
    }
}
