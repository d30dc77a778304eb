import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct InpaintedFileWriterTests {
    private typealias Sample = InpaintedFileSample

    @Test(arguments: OutputCompression.allCases)
    func voxelsComeBackBitForBit(compression: OutputCompression) throws {
        try withTemporaryDirectory { directory in
            guard compression.isAvailable else { return }
            let path = "\(directory)/scan.h5"
            let counts = Sample.counts()
            try Sample.write(counts, to: path, compression: compression)

            let data = try dataset("/entry/data/data", of: path)
            #expect(data.shape == Sample.shape.extents && data.elementType == .float32)
            // Other programs map what is not compressed.
            #expect(data.layout == (compression == .none ? .contiguous : .chunked([1, 21, 34])))
            #expect(try data.read(as: Float.self) == counts.storage)
            let errors = try dataset("/entry/data/data_errors", of: path).read(as: Float.self)
            for (index, error) in errors.enumerated() {
                let isGap = Sample.gap.storage[index % Sample.shape.frame.count]
                #expect(isGap ? error.isNaN : error == counts.storage[index].squareRoot())
            }
        }
    }

    @Test func countsBeyondSinglePrecisionAreKept() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            var counts = Sample.counts(Double.self)
            counts.storage[100] = 16_777_217
            try Sample.write(counts, to: path, header: Sample.header(elementType: .float64))
            let data = try dataset("/entry/data/data", of: path)
            #expect(data.elementType == .float64)
            #expect(try data.read(as: Double.self) == counts.storage)
            let errors = try dataset("/entry/data/data_errors", of: path)
            #expect(errors.elementType == .float32)
            #expect(try errors.read(as: Float.self)[100] == 4096)
        }
    }

    @Test func givenErrorsAreWritten() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            let counts = Sample.counts()
            var errors = counts.poissonErrors()
            errors[0, 3, 17] = 2.5
            try Sample.write(counts, to: path, errors: .given(errors), block: Sample.shape.frames)
            #expect(try dataset("/entry/data/data_errors", of: path).read(as: Float.self) == errors.storage)
        }
    }

    @Test(arguments: [nil, 0, 1, 3, 5])
    func eachFrameHasItsMask(deviant: Int?) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            func masks(_ frame: Int) -> FrameMasks {
                var masks = Sample.masks
                if frame == deviant { masks.inpainted[2, 5] = true }
                return masks
            }
            try Sample.write(Sample.counts(), to: path, masks: masks)
            let inpainted = try dataset("/entry/data/inpainted", of: path)
            #expect(inpainted.shape == Sample.shape.extents && inpainted.elementType == .uint8)
            let expected = (0..<Sample.shape.frames).flatMap { masks($0).inpainted.storage.map { $0 ? UInt8(1) : 0 } }
            #expect(try inpainted.read(as: UInt8.self) == expected)
            let unusable = try dataset("/entry/data/data_mask", of: path)
            #expect(unusable.shape == Sample.shape.extents)
            #expect(try unusable.read(as: UInt8.self).allSatisfy { $0 == 0 })
        }
    }

    @Test func theSameScanGivesTheSameBytes() throws {
        try withTemporaryDirectory { directory in
            let counts = Sample.counts()
            try Sample.write(counts, to: "\(directory)/1.h5", threads: 1, block: 1)
            try Sample.write(counts, to: "\(directory)/2.h5", threads: 3, block: 5)
            let files = try [1, 2].map { try Data(contentsOf: URL(filePath: "\(directory)/\($0).h5")) }
            #expect(files[0] == files[1])
        }
    }

    @Test func theTreeIsThatOfTheContract() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            try Sample.write(Sample.counts(), to: path)
            let root = try HDF5File(readingFrom: path).root
            #expect(try root.names() == ["entry", "entry_1"])
            #expect(try root.textAttribute("default") == "entry")
            #expect(try root.textAttribute("creator") == "lacuna 0.1.0")
            let entry = try #require(try root.open("entry").group)
            let members = ["data", "end_time", "entry_identifier", "inpainting", "instrument", "start_time", "title"]
            #expect(try entry.names() == members)
            let data = try #require(try entry.open("data").group)
            #expect(try data.names() == ["data", "data_errors", "data_mask", "eta", "inpainted", "x", "y"])
            #expect(try data.textAttribute("signal") == "data")
            #expect(try root.open("entry/inpainting/quality/pcc").dataset?.read(as: Double.self) == [0.93])
            let detector = try #require(try root.open("entry_1/instrument_1/detector_1").group)
            #expect(try detector.link("data") == .soft(path: "/entry/data/data"))
            #expect(try detector.link("mask") == .soft(path: "/entry/data/data_mask"))
        }
    }

    /// Counts that 32 bits would round are in the archive for PyNX as they were measured.
    @Test func theArchiveForPyNXRoundsNoCount() throws {
        try withTemporaryDirectory { directory in
            var counts = Sample.counts(Double.self)
            (counts.storage[0], counts.storage[33]) = (16_777_217, 4_294_967_291)
            let output = "\(directory)/scan.h5"
            try Sample.write(counts, to: output, header: Sample.header(elementType: .float64))
            try PyNXArchive.write(output, to: PyNXArchive.Claim("\(directory)/scan.npz", overwrite: false))
            let scan = try ScanFile.open("\(directory)/scan.npz").scans[0]
            let decoded = try FrameReader(scan).read(frames: 0..<6).decodeDouble(flagValues: [])
            #expect(decoded.voxels == counts.storage)
            // As before where 32 bits hold all counts.
            try Sample.write(Sample.counts(), to: "\(directory)/small.h5")
            try PyNXArchive.write(
                "\(directory)/small.h5", to: PyNXArchive.Claim("\(directory)/small.npz", overwrite: false))
            #expect(try ScanFile.open("\(directory)/small.npz").scans[0].stack?.elementType == .float32)
        }
    }

    @Test func anAxisThatDoesNotFitTheFramesIsLeftOut() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            var header = Sample.header()
            header.axis?.positions.removeLast()
            try Sample.write(Sample.counts(), to: path, header: header)
            let data = try #require(try HDF5File(readingFrom: path).root.open("entry/data").group)
            #expect(try data.textAttribute("axes") == ".")
            #expect(try !data.names().contains("eta"))
        }
    }

    @Test(arguments: ["eta": "eta", "x": "motor_x", "data": "motor_data", "th:a/b": "th_a_b", "2θ": "motor_2_"])
    func motorNamesBecomeFieldNames(motor: String, field: String) {
        #expect(NexusTree.fieldName(for: motor) == field)
    }

    @Test func groupsAreCopiedWithWhatTheyLinkTo() throws {
        try withTemporaryDirectory { directory in
            let raw = "\(directory)/raw.h5"
            do {
                let other = try HDF5File(creating: "\(directory)/other.h5").root
                try other.write("energy", 9.0)
                let root = try HDF5File(creating: raw).root
                let positioners = try root.createGroup("positioners")
                try positioners.write("eta", 8.0)
                try root.write("elsewhere", 1.5)
                try positioners.createSoftLink("soft", to: "/elsewhere")
                try positioners.createSoftLink("dangling", to: "/nowhere")
                try positioners.createSoftLink("loop", to: "/positioners")
                try positioners.createExternalLink("external", toFile: "other.h5", path: "/energy")
                try positioners.createExternalLink("lost", toFile: "absent.h5", path: "/energy")
            }
            var header = Sample.header()
            header.groupsToCopy = [
                GroupCopy(file: raw, path: "/positioners", destination: "/entry/instrument/positioners"),
                GroupCopy(file: raw, path: "/no/such/group", destination: "/entry/sample", nexusClass: "NXsample"),
                GroupCopy(file: "\(directory)/gone.h5", path: "/a", destination: "/entry/a"),
                GroupCopy(file: raw, path: "/positioners", destination: "/entry/instrument/detector"),
            ]
            let writer = try InpaintedFileWriter(path: "\(directory)/out.h5", header: header)
            #expect(writer.remarks.count == 2)
            #expect(writer.remarks[0].contains("gone.h5") && writer.remarks[1].contains("exists already"))
            try writer.append(Sample.counts(), masks: .uniform(Sample.masks))
            try writer.finish(Sample.process)

            let entry = try #require(try HDF5File(readingFrom: "\(directory)/out.h5").root.open("entry").group)
            let positioners = try #require(try entry.open("instrument/positioners").group)
            #expect(try positioners.textAttribute("NX_class") == "NXcollection")
            #expect(try positioners.names() == ["eta", "external", "soft"])
            #expect(try positioners.link("external") == .hard)
            #expect(try positioners.open("external").dataset?.read(as: Double.self) == [9])
            #expect(try !entry.names().contains("sample"))
        }
    }

    private func dataset(_ name: String, of path: String) throws -> HDF5Dataset {
        try #require(try HDF5File(readingFrom: path).root.open(String(name.dropFirst())).dataset)
    }
}
