import Detectors
import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct NexusTests {
    private let stack = StackFile()

    /// Writes a file with one detector group and opens it.
    private func withDetectorFile<Result>(
        _ write: (HDF5Group) throws -> Void, body: (ScanFile) throws -> Result
    ) throws -> Result {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.nxs"
            try write(HDF5File(creating: path).root.createDetector().detector)
            return try body(ScanFile.open(path))
        }
    }

    @Test func valuesToWhichSomethingIsToBeAddedAreRefused() throws {
        for place in ["add_offset", "offset", "data_offset"] {
            try withDetectorFile { detector in
                let data = try stack.write("data", in: detector)
                if place == "data_offset" {
                    try detector.write(place, 100.0)
                } else {
                    try data.setAttribute(place, to: 100 as Int32)
                }
            } body: { file in
                #expect(file.scans.first?.problem?.problem.contains("to which 100.0 is to be added (\(place))") == true)
            }
        }
    }

    @Test func aFactorIsTold() throws {
        for factor in [1, 0.5] {
            try withDetectorFile {
                try stack.write("data", in: $0).setAttribute("scale_factor", to: factor)
            } body: { file in
                let scan = try #require(file.scans.first)
                #expect(scan.problem == nil && scan.remarks.contains { $0.contains("scale_factor") } == (factor != 1))
            }
        }
    }

    @Test func aMaskThatNoRuleTakesIsNamed() throws {
        try withDetectorFile { detector in
            try stack.write("data", in: detector)
            try detector.write("bad_mask", [UInt8](repeating: 0, count: 600), shape: [20, 30])
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(scan.remarks.contains { $0.hasPrefix("/entry/instrument/detector/bad_mask is not used") })
        }
    }

    /// What a virtual dataset is made of is no scan beside it.
    @Test func sourcesInTheSameFileAreNoStacksOfTheirOwn() throws {
        try withDetectorFile { detector in
            try stack.write("part", in: detector)
            _ = try detector.createVirtualDataset(
                "data", shape: stack.shape.extents, type: .uint16,
                sources: [
                    HDF5VirtualSource(
                        file: ".", dataset: "entry/instrument/detector/part", start: [0, 0, 0],
                        extents: stack.shape.extents, sourceStart: [0, 0, 0], sourceExtents: stack.shape.extents)
                ], sourceShapes: [stack.shape.extents])
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(scan.problem == nil && scan.stack?.dataset == "/entry/instrument/detector/data")
            #expect(try readAll(scan) == stack.counts)
        }
    }

    @Test(arguments: [
        ("none", [HDF5Filter]()),
        ("gzip", [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [4])]),
        ("lz4", [HDF5Filter(id: HDF5Filter.lz4, name: "lz4", parameters: [0])]),
        ("bitshuffle-lz4", [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])]),
        ("bitshuffle", [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 0])]),
    ])
    func everyCompressionIsRead(name: String, filters: [HDF5Filter]) throws {
        try withDetectorFile {
            try stack.write("data", in: $0, chunk: [1, 20, 30], filters: filters)
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(file.layout == .nexus && scan.problem == nil && scan.entry == "/entry")
            #expect(scan.stack?.filters == (filters.isEmpty ? [] : [name]))
            #expect(scan.completeness.state == .unmarked)
            #expect(try readAll(scan) == stack.counts)
        }
    }

    @Test(arguments: [nil, [2, 20, 30], [1, 8, 7], [5, 20, 30]])
    func everyChunkingIsRead(chunk: [Int]?) throws {
        try withDetectorFile {
            try stack.write("data", in: $0, chunk: chunk)
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(try readAll(scan) == stack.counts)
        }
    }

    @Test func aFilterThatIsNotAvailableIsNamed() throws {
        let filter = HDF5Filter(id: 32015, name: "zstd", parameters: [3], isOptional: true)
        try withDetectorFile {
            try stack.write("data", in: $0, chunk: [1, 20, 30], filters: [filter])
        } body: { file in
            let problem = try #require(file.scans.first?.problem)
            #expect(problem.dataset == "/entry/instrument/detector/data")
            #expect(problem.description.contains("needs the HDF5 filter zstd (id 32015), which is not available"))
        }
    }

    @Test func bitshuffleWithZstandardIsRefused() {
        let filter = HDF5Filter(id: HDF5Filter.bitshuffle, name: "", parameters: [0, 5, 4, 0, 3])
        #expect(filter.commonName == "bitshuffle-zstd")
        #expect(filter.decodingProblem?.contains("decodes to wrong numbers") == true)
    }

    @Test(arguments: [[1, 20, 30], [2, 20, 30], [1, 8, 7]])
    func chunksNeverWrittenAreNoZeros(chunk: [Int]) throws {
        try withDetectorFile { detector in
            let data = try detector.createDataset(
                "data", shape: stack.shape.extents, type: .uint16, storage: HDF5Storage(chunk: chunk))
            try [UInt16](repeating: 1, count: 1200).withUnsafeBytes {
                try data.write(start: [0, 0, 0], extents: [2, 20, 30], as: .uint16, from: $0)
            }
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(scan.completeness.framesWritten == 2 && scan.problem?.kind == .incomplete)
            #expect(scan.problem?.description.contains("frames 2 to 4 were never written") == true)
            let reader = try FrameReader(#require(scan.stack))
            #expect(throws: ScanFileError.self) { try reader.read(frames: 0..<3) }
        }
    }

    @Test func storageNeverAllocatedIsNoZeros() throws {
        try withDetectorFile { detector in
            _ = try detector.createDataset("data", shape: stack.shape.extents, type: .uint16)
        } body: { file in
            #expect(file.scans.first?.problem?.description.contains("never written") == true)
        }
    }

    @Test(arguments: [
        ([20, 30], "expected 3 axes (frame, row, column), found 2: 20x30"),
        ([2, 3, 20, 30], "expected 3 axes (frame, row, column), found 4: 2x3x20x30"),
        ([0, 20, 30], "expected at least one frame, found the shape 0x20x30"),
    ])
    func otherShapesAreRefused(shape: [Int], message: String) throws {
        try withDetectorFile { detector in
            try detector.write("data", [UInt16](repeating: 1, count: shape.reduce(1, *)), shape: shape)
        } body: { file in
            #expect(file.scans.first?.problem?.description.contains(message) == true)
        }
    }

    @Test func severalStacksNeedAChoice() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.nxs"
            let (_, detector) = try HDF5File(creating: path).root.createDetector()
            try stack.write("one", in: detector)
            try stack.write("two", in: detector)
            let problem = try #require(try ScanFile.open(path).scans.first?.problem)
            #expect(problem.description.contains("/entry/instrument/detector/one"))
            #expect(problem.description.contains("choose one with --dataset"))
            let scan = try ScanFile.open(path, dataset: "/entry/instrument/detector/two").scans[0]
            #expect(scan.problem == nil && scan.stack?.dataset == "/entry/instrument/detector/two")
        }
    }

    @Test func aStackWithTwoNamesCountsOnce() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.nxs"
            let (entry, detector) = try HDF5File(creating: path).root.createDetector()
            try stack.write("data", in: detector)
            let data = try entry.createGroup("data", nexusClass: "NXdata")
            try data.createSoftLink("data", to: "/entry/instrument/detector/data")
            let scan = try ScanFile.open(path).scans[0]
            #expect(scan.problem == nil && scan.stack?.dataset == "/entry/instrument/detector/data")
        }
    }

    @Test func theDetectorAndItsMaskAreDescribed() throws {
        try withDetectorFile { detector in
            try stack.write("data", in: detector)
            try detector.write("description", "Merlin")
            try detector.write("x_pixel_size", 55.0).setAttribute("units", to: "um")
            try detector.write("y_pixel_size", 0.055)
            try detector.write("distance", 1400.0).setAttribute("units", to: "mm")
            try detector.write("bit_depth_image", Int32(32))
            try detector.write("pixel_mask", [UInt32](repeating: 1, count: 600), shape: [20, 30])
            try detector.write("pixel_mask_1", [UInt32](repeating: 256, count: 600), shape: [1, 20, 30])
        } body: { file in
            let scan = try #require(file.scans.first)
            #expect(scan.problem == nil)
            #expect(scan.evidence.contains(DetectorEvidence(source: .nexusDescription, text: "Merlin")))
            #expect(scan.detector.xPixelSize.map { Float($0) } == 55e-6)
            #expect(scan.detector.yPixelSize.map { Float($0) } == 55e-6)
            #expect(scan.detector.distance.map { Float($0) } == 1.4 && scan.detector.imageBitDepth == 32)
            let mask = try #require(scan.pixelMask)
            #expect(mask.convention == .nexus && mask.frames == 1)
            #expect(try mask.bits() == [UInt32](repeating: 257, count: 600))
        }
    }

    @Test func aMaskOfAnotherShapeIsAContradiction() throws {
        try withDetectorFile { detector in
            try stack.write("data", in: detector)
            try detector.write("pixel_mask", [UInt32](repeating: 1, count: 60), shape: [2, 30])
        } body: { file in
            #expect(file.scans.first?.problem?.description.contains("expected a mask of 20x30") == true)
        }
    }

    @Test func aDectrisMasterIsReadThroughItsLinks() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan_master.h5"
            let (entry, detector) = try HDF5File(creating: path).root.createDetector()
            let specific = try detector.createGroup("detectorSpecific")
            try specific.write("nimages", UInt32(5))
            try specific.write("ntrigger", UInt32(2))
            let data = try entry.createGroup("data", nexusClass: "NXdata")
            for index in 1...2 {
                let name = "scan_data_00000\(index).h5"
                try data.createExternalLink("data_00000\(index)", toFile: name, path: "entry/data/data")
                let group = try HDF5File(creating: "\(directory)/\(name)").root.createGroup("entry").createGroup("data")
                try stack.write("data", in: group, chunk: [1, 20, 30])
            }
            let scan = try ScanFile.open(path).scans[0]
            #expect(scan.problem == nil && scan.stack?.dataset == "/entry/data" && scan.stack?.shape.frames == 10)
            #expect(scan.completeness.framesExpected == 10 && scan.completeness.framesWritten == 10)
            #expect(try readAll(scan) == stack.counts + stack.counts)

            try FileManager.default.removeItem(atPath: "\(directory)/scan_data_000002.h5")
            let short = try ScanFile.open(path).scans[0]
            #expect(short.problem == nil && short.completeness.isOpenAndShort)
            #expect(short.remarks.contains { $0.contains("\(directory)/scan_data_000002.h5") }, "\(short.remarks)")
            #expect(try readAll(short) == stack.counts)
        }
    }

    @Test func aMosaicOfModulesIsCheckedAndRead() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/modules.nxs"
            for index in 0..<2 { try stack.write("data", in: HDF5File(creating: "\(directory)/\(index).h5").root) }
            let sources = (0..<2).map { index in
                HDF5VirtualSource(
                    file: "\(index).h5", dataset: "/data", start: [0, index * 24, 0], extents: [5, 20, 30],
                    sourceStart: [0, 0, 0], sourceExtents: [5, 20, 30])
            }
            do {
                let detector = try HDF5File(creating: path).root.createDetector().detector
                _ = try detector.createVirtualDataset(
                    "data", shape: [5, 44, 30], type: .uint16, sources: sources,
                    sourceShapes: [[5, 20, 30], [5, 20, 30]])
            }
            let scan = try ScanFile.open(path).scans[0]
            #expect(scan.problem == nil && scan.stack?.sources.count == 2)
            let voxels = try readAll(scan)
            let module = 20 * 30
            #expect(Array(voxels[0..<module]) == Array(stack.counts[0..<module]))
            #expect(voxels[module..<module + 4 * 30].allSatisfy { $0 == 0 })
            #expect(Array(voxels[24 * 30..<24 * 30 + module]) == Array(stack.counts[0..<module]))

            try FileManager.default.removeItem(atPath: "\(directory)/1.h5")
            #expect(try ScanFile.open(path).scans[0].problem?.path == "\(directory)/1.h5")
        }
    }

    @Test func ownFilesAreNoScans() throws {
        try withTemporaryDirectory { directory in
            for (creator, layout) in [
                ("lacuna 0.1.0", ScanFile.Layout.lacunaOutput), ("lacuna simulate 0.1.0", .lacunaTruth),
            ] {
                let path = "\(directory)/\(layout).h5"
                try HDF5File(creating: path).root.setAttribute("creator", to: creator)
                let file = try ScanFile.open(path)
                #expect(file.layout == layout && file.notAScan != nil)
            }
        }
    }

    @Test(arguments: ["instrument_1/detector_1", "data_1"])
    func cxiIsReadWithItsMask(place: String) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.cxi"
            do {
                var group = try HDF5File(creating: path).root.createGroup("entry_1")
                for name in place.split(separator: "/") { group = try group.createGroup(String(name)) }
                try stack.write("data", in: group)
                try group.write("mask", [UInt8](repeating: 4, count: 600), shape: [20, 30])
            }
            let file = try ScanFile.open(path)
            #expect(file.layout == .cxi)
            let scan = try #require(file.scans.first)
            #expect(scan.pixelMask?.convention == .cxi && scan.stack?.dataset == "/entry_1/\(place)/data")
            #expect(try scan.pixelMask?.bits().first == 4)
            #expect(try readAll(scan) == stack.counts)
        }
    }

    @Test func whatIsNoScanFileIsRefusedInWords() throws {
        try withTemporaryDirectory { directory in
            for (name, content) in [("garbage.h5", "no scan"), ("empty.h5", "")] {
                try Data(content.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/loop.h5", withDestinationPath: "\(directory)/loop.h5")
            for (name, message) in [
                ("garbage.h5", "expected HDF5"), ("empty.h5", "the file is empty"),
                ("absent.h5", "no such file"), ("loop.h5", "symbolic links"), ("", "found a directory"),
            ] {
                let error = #expect(throws: ScanFileError.self) { try ScanFile.open("\(directory)/\(name)") }
                #expect(error?.kind == .input && error?.description.contains(message) == true)
            }
        }
    }

    @Test(arguments: [30, 29])
    func framesOntoWhichNothingIsMappedAreNoZeros(columns: Int) throws {
        // Whole frames in one case, parts of frames in the other.
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.nxs"
            try stack.write("data", in: HDF5File(creating: "\(directory)/0.h5").root)
            let source = HDF5VirtualSource(
                file: "0.h5", dataset: "/data", start: [0, 0, 0], extents: [5, 20, columns], sourceStart: [0, 0, 0],
                sourceExtents: [5, 20, columns])
            do {
                let detector = try HDF5File(creating: path).root.createDetector().detector
                _ = try detector.createVirtualDataset(
                    "data", shape: [7, 20, 30], type: .uint16, sources: [source], sourceShapes: [[5, 20, 30]])
            }
            let scan = try ScanFile.open(path).scans[0]
            #expect(scan.completeness.framesWritten == 5)
            #expect(scan.problem?.description.contains("no source is mapped onto frames 5 to 6") == true)
        }
    }
}
