import Detectors
import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Measured files, found through the environment variable LACUNA_DATA.
private let data = ProcessInfo.processInfo.environment["LACUNA_DATA"]

@Suite(.enabled(if: data != nil)) struct RealFileTests {
    private func open(_ name: String) throws -> ScanFile { try ScanFile.open("\(try #require(data))/\(name)") }

    /// Files whose frames are absent on purpose.
    @Test(arguments: [
        ("bliss_demoh5_dataset.h5", ScanFile.Layout.blissDataset, 2, "scan0001/marana_0000.h5"),
        ("bliss_ma4500_demoh5.h5", .blissMaster, 2, "demoh5_dataset/demoh5_dataset.h5"),
        ("dectris_eiger_master.h5", .nexus, 1, "dectris_eiger_data_000001.h5"),
        ("dls_i04_Therm_6_2.nxs", .nexus, 1, "Therm_6_2_000001.h5"),
        ("nanomax_000008.h5", .nexus, 1, "scan_000008_pilatus.hdf5"),
        ("i16_1040323.nxs", .nexus, 1, "1040323-pilatus3_100k-files/1040323.hdf"),
    ])
    func missingFramesAreNamed(name: String, layout: ScanFile.Layout, scans: Int, missing: String) throws {
        let file = try open("layouts/\(name)")
        #expect(file.layout == layout && file.scans.count == scans)
        let problem = try #require(file.scans.first?.problem)
        #expect(problem.kind == .input && problem.path.hasSuffix(missing))
        #expect(problem.description.contains("no such file"))
        #expect(throws: ScanFileError.self) { try FrameReader(file.scans[0]) }
    }

    @Test func aBlissFileTellsItsScans() throws {
        let scans = try open("layouts/bliss_demoh5_dataset.h5").scans
        #expect(scans.map(\.entry) == ["/1.1", "/2.1"] && scans.map(\.number) == [1, 2])
        #expect(scans.map(\.title) == ["loopscan 2 0.1", "loopscan 5 0.1"])
        #expect(scans[0].stack?.shape == VolumeShape(frames: 2, rows: 2048, columns: 2048))
        #expect(scans[0].stack?.dataset == "/1.1/instrument/marana/data" && scans[0].stack?.elementType == .uint16)
        #expect(scans[1].problem?.path.hasSuffix("scan0002/marana_0000.h5") == true)
        #expect(scans[0].groupsToCopy.map(\.destination).contains("instrument/positioners_start"))
    }

    @Test func aDectrisMasterTellsItsDetector() throws {
        let scan = try open("layouts/dectris_eiger_master.h5").scans[0]
        #expect(scan.evidence.contains(DetectorEvidence(source: .nexusDescription, text: "Dectris Eiger 9M")))
        #expect(scan.detector.xPixelSize.map { Float($0) } == 75e-6)
        #expect(scan.detector.columns == 3110 && scan.detector.rows == 3269)
        #expect(scan.detector.imageBitDepth == 16 && scan.detector.saturationValue == 12440)
        let mask = try #require(scan.pixelMask)
        #expect(mask.shape == FrameShape(rows: 3269, columns: 3110) && mask.convention == .nexus)
        let bits = try mask.bits()
        #expect(bits.count == 3269 * 3110)
    }

    @Test func aVirtualDatasetOverALinkIsSeenThrough() throws {
        let scan = try open("layouts/dls_i04_Therm_6_2.nxs").scans[0]
        #expect(scan.stack?.dataset == "/entry/data/data")
        #expect(scan.stack?.shape == VolumeShape(frames: 488, rows: 4362, columns: 4148))
        #expect(scan.evidence.contains(DetectorEvidence(source: .nexusDescription, text: "Eiger 16M")))
    }

    @Test func aLambdaFileIsRead() throws {
        let file = try open("layouts/lambda_m1_part00000.nxs")
        let scan = try #require(file.scans.first)
        #expect(file.layout == .nexus && scan.problem == nil)
        #expect(scan.stack?.shape == VolumeShape(frames: 10, rows: 516, columns: 1554))
        #expect(scan.stack?.elementType == .int16 && scan.stack?.filters == ["gzip"])
        #expect(scan.completeness.state == .unmarked && scan.completeness.framesWritten == 10)
        #expect(scan.detector.xPixelSize.map { Float($0) } == 55e-6 && scan.detector.saturationValue == 4095)
        #expect(try #require(scan.pixelMask).bits().contains { $0 != 0 })
        // numpy: data.astype('i8').sum()
        #expect(try readAll(scan, blocks: 4).reduce(into: 0.0) { $0 += Double($1) } == lambdaSum)
    }

    @Test func twoAxesAreNotEnough() throws {
        let file = try open("layouts/cxi_minimal.cxi")
        #expect(file.layout == .cxi)
        #expect(
            file.scans[0].problem?.description.contains("expected 3 axes (frame, row, column), found 2: 50x100") == true
        )
    }

    @Test func aFileOfMetadataIsNoScan() throws {
        let file = try open("layouts/bliss_ma4500-demoh5-dataset.h5")
        #expect(file.layout == .nexus && file.scans.isEmpty && file.notAScan != nil)
    }

    @Test func aMeasuredArchiveIsReadVoxelByVoxel() throws {
        let file = try open("real/S0054.npz")
        let scan = try #require(file.scans.first)
        #expect(file.layout == .npz && scan.problem == nil && scan.stack?.dataset == "data")
        #expect(scan.stack?.shape == VolumeShape(frames: 201, rows: 256, columns: 256))
        let reader = try FrameReader(scan)
        var total = 0.0
        var weighted: UInt64 = 0
        for start in stride(from: 0, to: 201, by: 8) {
            let raw = try reader.read(frames: start..<min(start + 8, 201))
            let decoded = raw.decode()
            #expect(decoded.isExact && decoded.invalidCount == 0)
            for (index, voxel) in decoded.voxels.enumerated() {
                total += Double(voxel)
                weighted &+= UInt64(voxel) &* UInt64((start * 65536 + index) % 65521 + 1)
            }
        }
        #expect(total == archiveSum && weighted == archiveChecksum)
    }
}

// Computed with numpy: data.sum(), and (data.ravel() * (arange(data.size) % 65521 + 1)).sum() modulo 2^64.
private let archiveSum = 46155653.0
private let archiveChecksum: UInt64 = 1570761408544
private let lambdaSum = 50555191.0
