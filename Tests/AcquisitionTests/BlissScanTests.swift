import Foundation
import Testing
import Volume

@testable import Acquisition
@testable import ScanFiles

@Suite struct BlissScanTests {
    @Test(arguments: FrameCompression.allCases)
    func framesAreReadThroughTheVirtualDataset(compression: FrameCompression) throws {
        try withTemporaryDirectory { directory in
            let description = SyntheticScan.description(framesPerFile: 3, compression: compression)
            let writer = try BlissScanWriter(directory: directory, description: description)
            try SyntheticScan.write(with: writer)
            #expect(writer.frameFiles.map { $0.suffix(23) } == (0..<3).map { "scan0001/mpx1x4_000\($0).h5" })

            let data = try dataset(writer.scanFile, "1.1/measurement/mpx1x4")
            #expect(data.layout == .virtual && data.shape == SyntheticScan.shape.extents)
            #expect(try data.virtualSources().map(\.file) == (0..<3).map { "scan0001/mpx1x4_000\($0).h5" })
            #expect(try data.read(as: UInt32.self) == (0..<7).flatMap { SyntheticScan.frame($0) })

            let last = try dataset(writer.frameFiles[2], "entry_0000/measurement/data")
            #expect(last.shape == [1, 6, 10] && last.layout == .chunked([1, 6, 10]))
            #expect(last.filters.map(\.id) == compression.filters.map(\.id))
        }
    }

    @Test func theEntrySaysWhatWasScannedAndThatItEnded() throws {
        try withTemporaryDirectory { directory in
            let writer = try BlissScanWriter(directory: directory, description: SyntheticScan.description())
            try SyntheticScan.write(with: writer)
            let file = writer.scanFile
            #expect(try text(file, "1.1/title") == "ascan eta 17.9 18.9 6 1")
            #expect(try text(file, "1.1/start_time") == "2021-01-29T11:00:40.490243+01:00")
            #expect(try text(file, "1.1/end_time") == "2021-01-29T11:00:42.240243+01:00")
            #expect(try text(file, "1.1/end_reason") == "SUCCESS")
            #expect(try text(file, "1.1/writer/status") == "SUCCEEDED")
            #expect(try text(file, "1.1/sample/name") == "crystal")
            #expect(try dataset(file, "1.1/instrument/positioners/eta").read(as: Double.self).count == 7)
            #expect(try dataset(file, "1.1/measurement/eta").read(as: Double.self).last == 18.9)
            #expect(try dataset(file, "1.1/instrument/mpx1x4/dim_i").read(as: Int64.self) == [10])
            #expect(try text(writer.frameFiles[0], "entry_0000/start_time") == "2021-01-29T10:00:40Z")
            #expect(try text(writer.frameFiles[0], "entry_0000/end_time") == "2021-01-29T10:00:42Z")
            let information = "entry_0000/ESRF-ID01/mpx1x4/detector_information"
            #expect(try text(writer.frameFiles[0], "\(information)/type") == "MAXIPIX")
        }
    }

    @Test func mastersLinkToEveryScanOfTheDataset() throws {
        try withTemporaryDirectory { directory in
            for number in 1...2 {
                let writer = try BlissScanWriter(directory: directory, description: SyntheticScan.description())
                #expect(writer.number == number)
                try SyntheticScan.write(with: writer)
                #expect(writer.frameFiles[0].hasSuffix("scan000\(number)/mpx1x4_0000.h5"))
            }
            for master in ["simulation_id01.h5", "crystal/simulation_crystal.h5"] {
                let root = try HDF5File(readingFrom: "\(directory)/\(master)").root
                #expect(try root.names() == ["crystal_0001_1.1", "crystal_0001_2.1"])
                #expect(try root.open("crystal_0001_2.1/measurement/mpx1x4").dataset?.shape == [7, 6, 10])
            }
        }
    }

    @Test func sameScanSameBytes() throws {
        let trees = try (0..<2).map { _ in
            try withTemporaryDirectory { directory in
                let writer = try BlissScanWriter(directory: directory, description: SyntheticScan.description())
                try SyntheticScan.write(with: writer)
                return try ([writer.scanFile] + writer.frameFiles).map { try Data(contentsOf: URL(filePath: $0)) }
            }
        }
        #expect(trees[0] == trees[1])
    }
}
