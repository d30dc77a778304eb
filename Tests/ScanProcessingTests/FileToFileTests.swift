import Detectors
import Foundation
import Inpainting
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import ScanFiles
@testable import ScanProcessing

/// A scan of several blocks with flags, a mask for each frame and a gap that is too wide, from file to file.
@Suite struct FileToFileTests {
    private static let shape = VolumeShape(frames: 70, rows: 44, columns: 64)
    private static let flag = UInt32.max
    /// Rows of a gap wider than is filled, and columns of one that is.
    private static let (wide, narrow) = (30..<40, 27..<33)

    /// A block of 2 × 2 pixels that the mask of the frames moves about.
    private static func spot(_ frame: Int) -> (row: Int, column: Int) { (4 + frame % 9, 5 + frame % 13) }
    /// Pixels that are flagged in some frames.
    private static func isFlagged(_ frame: Int, _ row: Int, _ column: Int) -> Bool {
        frame % 10 == 7 && row == 20 && (column == 45 || column == 50)
    }

    private static func isMasked(_ frame: Int, _ row: Int, _ column: Int) -> Bool {
        let spot = spot(frame)
        return narrow.contains(column) || wide.contains(row)
            || (spot.row..<spot.row + 2).contains(row) && (spot.column..<spot.column + 2).contains(column)
    }

    private let directory: TemporaryDirectory
    private let counts: [UInt32]

    init() throws {
        directory = try TemporaryDirectory()
        var noise: UInt32 = 1
        var (counts, mask): ([UInt32], [UInt8]) = ([], [])
        for frame in 0..<Self.shape.frames {
            for row in 0..<Self.shape.rows {
                for column in 0..<Self.shape.columns {
                    noise = noise &* 1_664_525 &+ 1_013_904_223
                    let phase = 0.7 * Float(column) + 0.3 * Float(row) + 0.2 * Float(frame)
                    counts.append(
                        Self.isFlagged(frame, row, column)
                            ? Self.flag : UInt32(900 * exp(2 * sin(phase) - 2)) + noise >> 30)
                    mask.append(Self.isMasked(frame, row, column) ? 1 : 0)
                }
            }
        }
        self.counts = counts
        try Self.write(counts, .uint32, to: "\(directory.path)/scan.npy")
        try Self.write(mask, .uint8, to: "\(directory.path)/mask.npy")
    }

    private static func write<Number>(_ values: [Number], _ type: ElementType, to path: String) throws {
        try values.withUnsafeBytes {
            try NumpyFile.write($0, elementType: type, shape: shape.extents, to: path)
        }
    }

    /// Inpaints the scan and returns the output's path.
    private func inpaint(_ method: FillMethod, memoryLimitMiB: Int = 4096) throws -> (
        report: InpaintReport, path: String
    ) {
        var settings = ProcessingSettings()
        settings.preview = false
        settings.fineTune = .off
        settings.method = method
        settings.maxGapPixels = 8
        settings.memoryLimitMiB = memoryLimitMiB
        let scan = try ScanFile.open("\(directory.path)/scan.npy").scans[0]
        let mask = try RecordedMask.open("\(directory.path)/mask.npy", for: Self.shape)
        let gaps = try ScanGaps(
            of: scan, frame: Self.shape.frame, elementType: .uint32,
            choice: MaskChoice(detector: .none, mask: mask),
            catalogue: try DetectorCatalogue(directories: [directory.path]))
        let fillers = FillerFactory(shippedModel: "\(Package.root)/Config/models/gap.safetensors") {
            try GapModel(contentsOf: $0)
        }
        let path = "\(directory.path)/\(method)-\(memoryLimitMiB).h5"
        let report = try ScanInpainter(
            scan: scan, gaps: gaps, settings: settings, fillers: fillers, output: path, version: "0"
        ).run { _ in }
        return (report, path)
    }

    @Test(arguments: [FillMethod.kriging, .network])
    func whatWasMeasuredIsBitIdenticalAndEveryVoxelIsMeasuredFilledOrUnusable(method: FillMethod) throws {
        let (report, path) = try inpaint(method)
        #expect(report.method == method.rawValue)
        let root = try HDF5File(readingFrom: path).root
        func dataset(_ name: String) throws -> HDF5Dataset { try #require(try root.open(name).dataset) }
        let data = try dataset("entry/data/data").read(as: Float.self)
        let errors = try dataset("entry/data/data_errors").read(as: Float.self)
        let inpainted: [UInt8] = try dataset("entry/data/inpainted").read()
        let unusable: [UInt8] = try dataset("entry/data/data_mask").read()
        try #require([data.count, errors.count, inpainted.count, unusable.count].allSatisfy { $0 == Self.shape.count })

        var (faults, filled, left, voxel) = ([String: Int](), 0, 0, 0)
        for frame in 0..<Self.shape.frames {
            for row in 0..<Self.shape.rows {
                for column in 0..<Self.shape.columns {
                    defer { voxel += 1 }
                    func expect(_ condition: Bool, _ what: String) { if !condition { faults[what, default: 0] += 1 } }
                    let isUnusable = Self.wide.contains(row)
                    let isFilled =
                        !isUnusable
                        && (Self.isMasked(frame, row, column) || Self.isFlagged(frame, row, column))
                    expect((unusable[voxel] != 0) == isUnusable, "data_mask")
                    expect((inpainted[voxel] != 0) == isFilled, "inpainted")
                    if isFilled {
                        filled += 1
                        expect(data[voxel].isFinite && data[voxel] >= 0 && data[voxel] < 3000, "fill")
                        expect(errors[voxel].isFinite && errors[voxel] > 0, "error of the fill")
                    } else if isUnusable {
                        left += 1
                    } else {
                        expect(data[voxel].bitPattern == Float(counts[voxel]).bitPattern, "measured")
                        expect(errors[voxel] == Float(counts[voxel]).squareRoot(), "error of the measured")
                    }
                }
            }
        }
        #expect(faults.isEmpty)
        #expect(report.filledVoxels == filled && report.unfilledVoxels == left && left > 0)
    }

    /// Mean squared error of log(1+I) in the narrow gap.
    private func error(_ path: String) throws -> Double {
        let dataset = try #require(try HDF5File(readingFrom: path).root.open("entry/data/data").dataset)
        let data = try dataset.read(as: Float.self)
        var (sum, count) = (0.0, 0.0)
        for voxel in data.indices {
            let (row, column) = (voxel / Self.shape.columns % Self.shape.rows, voxel % Self.shape.columns)
            guard Self.narrow.contains(column), row < Self.wide.lowerBound else { continue }
            sum += pow(Double(log1p(data[voxel]) - log1p(Float(counts[voxel]))), 2)
            count += 1
        }
        return sum / count
    }

    /// Blocks of eight frames are filled nearly as well as blocks of 32: each sees the frames around it.
    @Test func smallBlocksSeeTheFramesAroundThem() throws {
        let (whole, small) = try (error(inpaint(.kriging).path), error(inpaint(.kriging, memoryLimitMiB: 4).path))
        #expect(small < 1.5 * whole, "\(small) in small blocks, \(whole) in large ones")
    }
}
