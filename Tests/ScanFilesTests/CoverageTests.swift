import Foundation
import Testing
import Volume

@testable import ScanFiles

/// Every pixel and frame of a virtual dataset has a source that can be read, or is told not to have one.
@Suite struct CoverageTests {
    /// 6 frames of 20x30 pixels, which may lie in several files.
    private let stack = StackFile(shape: VolumeShape(frames: 6, rows: 20, columns: 30))

    /// Writes some frames, or rows of them, of the stack into a file.
    private func writeSource(
        _ name: String, in directory: String, frames: [Int], rows: Range<Int> = 0..<20, type: ElementType = .uint16
    ) throws {
        let all = stack.values(UInt16.self)
        let values = frames.flatMap { frame in
            rows.flatMap { row in all[(frame * 20 + row) * 30..<(frame * 20 + row + 1) * 30] }
        }
        let group = try HDF5File(creating: "\(directory)/\(name)").root
        let data = try group.createDataset("data", shape: [frames.count, rows.count, 30], type: type)
        try values.withUnsafeBytes {
            try data.write(start: [0, 0, 0], extents: [frames.count, rows.count, 30], as: .uint16, from: $0)
        }
    }

    /// Writes `m.nxs` with the given mappings, and opens its scan.
    private func master(
        _ sources: [HDF5VirtualSource], sourceShape: [Int], in directory: String, frames: Int = 6,
        type: ElementType = .uint16
    ) throws -> Scan {
        let path = "\(directory)/m.nxs"
        do {
            let detector = try HDF5File(creating: path).root.createDetector().detector
            _ = try detector.createVirtualDataset(
                "data", shape: [frames, 20, 30], type: type, sources: sources,
                sourceShapes: sources.map { _ in sourceShape }, maximum: [-1, 20, 30])
        }
        return try ScanFile.open(path).scans[0]
    }

    private static let image = [LineSelection(0..<20), LineSelection(0..<30)]

    /// Frames `first`, `first + step`, … of the whole from a source of its own.
    private static func writer(
        _ file: String, first: Int, step: Int, count: Int?, source: [LineSelection]?
    ) -> HDF5VirtualSource {
        HDF5VirtualSource(
            file: file, dataset: "/data", target: [LineSelection(start: first, stride: step, count: count)] + image,
            source: source)
    }

    enum Joining: String, CaseIterable {
        case interleaved, unlimited, oneUnlimited, printf, reversedBlocks, stridedSource, overlapping
    }

    @Test(arguments: Joining.allCases)
    func framesAreReadHoweverTheyAreJoined(joining: Joining) throws {
        try withTemporaryDirectory { directory in
            var sources: [HDF5VirtualSource] = []
            let without = LineSelection(start: 0, stride: 1, count: nil)
            switch joining {
            case .interleaved, .unlimited:
                for writer in 0..<3 {
                    try writeSource("w\(writer).h5", in: directory, frames: [writer, writer + 3])
                    let isUnlimited = joining == .unlimited
                    sources.append(
                        Self.writer(
                            "w\(writer).h5", first: writer, step: 3, count: isUnlimited ? nil : 2,
                            source: isUnlimited ? [without] + Self.image : nil))
                }
            case .oneUnlimited:
                try writeSource("w.h5", in: directory, frames: Array(0..<6))
                sources = [Self.writer("w.h5", first: 0, step: 1, count: nil, source: [without] + Self.image)]
            case .printf:
                for block in 0..<3 {
                    try writeSource("w%\(block).h5", in: directory, frames: [2 * block, 2 * block + 1])
                }
                let target = [LineSelection(start: 0, stride: 2, count: nil, block: 2)] + Self.image
                sources = [HDF5VirtualSource(file: "w%%%b.h5", dataset: "/data", target: target, source: nil)]
            case .reversedBlocks:
                for block in [2, 0, 1] {
                    try writeSource("w\(block).h5", in: directory, frames: [2 * block, 2 * block + 1])
                    let target = [LineSelection(2 * block..<2 * block + 2)] + Self.image
                    sources.append(
                        HDF5VirtualSource(file: "w\(block).h5", dataset: "/data", target: target, source: nil))
                }
            case .stridedSource:
                try writeSource("w.h5", in: directory, frames: (0..<6).flatMap { [$0, 5 - $0] })
                sources = [
                    HDF5VirtualSource(
                        file: "w.h5", dataset: "/data", target: [LineSelection(0..<6)] + Self.image,
                        source: [LineSelection(start: 0, stride: 2, count: 6)] + Self.image)
                ]
            case .overlapping:
                // The later one counts, though its frames begin earlier.
                try writeSource("a.h5", in: directory, frames: [5, 4])
                try writeSource("b.h5", in: directory, frames: Array(0..<6))
                let target = { (frames: Range<Int>) in [LineSelection(frames)] + Self.image }
                sources = [
                    HDF5VirtualSource(file: "a.h5", dataset: "/data", target: target(3..<5), source: target(0..<2)),
                    HDF5VirtualSource(file: "b.h5", dataset: "/data", target: target(0..<6), source: nil),
                ]
            }
            let shape = [joining == .stridedSource ? 12 : 6, 20, 30]
            let shapes = [.interleaved, .printf, .reversedBlocks].contains(joining) ? [2, 20, 30] : shape
            let scan = try master(sources, sourceShape: joining == .overlapping ? [6, 20, 30] : shapes, in: directory)
            #expect(scan.problem == nil, "\(String(describing: scan.problem))")
            #expect(scan.stack?.shape.frames == 6 && scan.stack?.unrecorded == nil)
            #expect(try readAll(scan) == stack.counts)
        }
    }

    @Test func aWriterThatIsMissingShortOrNotMappedIsFound() throws {
        try withTemporaryDirectory { directory in
            let writers = (0..<3).map { Self.writer("w\($0).h5", first: $0, step: 3, count: 2, source: nil) }
            for writer in 0..<3 { try writeSource("w\(writer).h5", in: directory, frames: [writer, writer + 3]) }
            #expect(try master(writers, sourceShape: [2, 20, 30], in: directory).problem == nil)

            let unmapped = try master([writers[0], writers[2]], sourceShape: [2, 20, 30], in: directory)
            #expect(unmapped.problem?.description.contains("no source is mapped onto frame 1") == true)
            #expect(unmapped.completeness.framesWritten == 1)

            try writeSource("w1.h5", in: directory, frames: [1])
            let short = try master(writers, sourceShape: [2, 20, 30], in: directory)
            #expect(short.problem?.description.contains("w1.h5: /data: expected 2 frames, found 1") == true)

            try FileManager.default.removeItem(atPath: "\(directory)/w1.h5")
            let missing = try master(writers, sourceShape: [2, 20, 30], in: directory)
            #expect(missing.problem?.path == "\(directory)/w1.h5" && missing.completeness.framesWritten == 1)
        }
    }

    /// Two modules of 9 rows with 2 rows between them.
    private func module(_ index: Int, frames: Range<Int> = 0..<6, rows: Range<Int>? = nil) -> HDF5VirtualSource {
        let place = index == 0 ? 0..<9 : rows ?? 11..<20
        return HDF5VirtualSource(
            file: "m\(index).h5", dataset: "/data", start: [frames.lowerBound, place.lowerBound, 0],
            extents: [frames.count, place.count, 30], sourceStart: [frames.lowerBound, 0, 0],
            sourceExtents: [frames.count, place.count, 30])
    }

    @Test func pixelsThatNoFrameHasAreUnrecorded() throws {
        try withTemporaryDirectory { directory in
            for (index, rows) in [0..<9, 11..<20].enumerated() {
                try writeSource("m\(index).h5", in: directory, frames: Array(0..<6), rows: rows)
            }
            for (modules, recorded) in [
                ([module(0), module(1)], [0..<9, 11..<20]), ([module(0)], [0..<9]),
                ([module(0), module(1, rows: 11..<15)], [0..<9, 11..<15]),
            ] {
                let scan = try master(modules, sourceShape: [6, 9, 30], in: directory)
                #expect(scan.problem == nil)
                let unrecorded = try #require(scan.stack?.unrecorded)
                let voxels = try readAll(scan)
                for row in 0..<20 {
                    let isRecorded = recorded.contains { $0.contains(row) }
                    #expect(unrecorded[row, 7] != isRecorded)
                    for frame in 0..<6 where isRecorded {
                        let place = (frame * 20 + row) * 30
                        #expect(voxels[place..<place + 30] == stack.counts[place..<place + 30])
                    }
                }
            }
        }
    }

    @Test func aModuleThatSomeFramesLackIsFound() throws {
        try withTemporaryDirectory { directory in
            for (index, rows) in [0..<9, 11..<20].enumerated() {
                try writeSource("m\(index).h5", in: directory, frames: Array(0..<6), rows: rows)
            }
            let scan = try master([module(0), module(1, frames: 0..<4)], sourceShape: [6, 9, 30], in: directory)
            #expect(
                scan.problem?.description.contains(
                    "no source is mapped onto row 11, column 0 and others of frames 4 to 5") == true)
        }
    }

    @Test func valuesKeepTheTypeOfTheirSources() throws {
        // Cast to the type of the virtual dataset, 65535 would be a count, and −1 would be 0.
        try withTemporaryDirectory { directory in
            let whole = HDF5VirtualSource(
                file: "s.h5", dataset: "/data", target: [LineSelection(0..<6)] + Self.image, source: nil)
            for (type, declared) in [(ElementType.uint16, ElementType.uint32), (.int16, .uint16), (.int32, .int64)] {
                try writeSource("s.h5", in: directory, frames: Array(0..<6), type: type)
                let scan = try master([whole], sourceShape: [6, 20, 30], in: directory, type: declared)
                #expect(scan.problem == nil && scan.stack?.elementType == type)
                #expect(try readAll(scan) == stack.counts)
            }
            try writeSource("s.h5", in: directory, frames: Array(0..<6), type: .float32)
            let cut = try master([whole], sourceShape: [6, 20, 30], in: directory, type: .uint32)
            #expect(cut.problem?.description.contains("uint32 can hold, found float32") == true)
        }
    }

    @Test(arguments: [
        (ElementType.uint16, ElementType.uint32, ElementType.uint32), (.uint16, .int16, .int32),
        (.int32, .float32, .float64), (.uint8, .float32, .float32), (.float32, .float64, .float64),
    ])
    func theCommonTypeHoldsBoth(one: ElementType, other: ElementType, common: ElementType) {
        #expect(one.united(with: other) == common && other.united(with: one) == common)
    }

    @Test func aMappingThatChangesTheFormOfImagesIsRefused() throws {
        try withTemporaryDirectory { directory in
            try writeSource("s.h5", in: directory, frames: Array(0..<6))
            let mapping = HDF5VirtualSource(
                file: "s.h5", dataset: "/data", start: [0, 0, 0], extents: [3, 20, 30], sourceStart: [0, 0, 0],
                sourceExtents: [6, 10, 30])
            let scan = try master([mapping], sourceShape: [6, 20, 30], in: directory, frames: 3)
            #expect(scan.problem?.description.contains("expected images of 20x30 for") == true)
        }
    }

    // MARK: Raw files

    /// Writes `m.nxs` whose frames lie in raw files, each behind a header of 16 bytes.
    private func external(in directory: String, isAbsolute: Bool) throws -> Scan {
        let parts = (0..<6).map { frame in
            (name: (isAbsolute ? "\(directory)/" : "") + "f\(frame).edf", offset: 16, size: 1200)
        }
        let values = stack.values(UInt16.self)
        for frame in 0..<6 {
            let bytes = values[frame * 600..<(frame + 1) * 600].withUnsafeBytes { Data($0) }
            try (Data(count: 16) + bytes).write(to: URL(filePath: "\(directory)/f\(frame).edf"))
        }
        let path = "\(directory)/m.nxs"
        do {
            let detector = try HDF5File(creating: path).root.createDetector().detector
            try detector.createExternalDataset("data", shape: [6, 20, 30], type: .uint16, parts: parts)
        }
        return try ScanFile.open(path).scans[0]
    }

    @Test(arguments: [true, false])
    func framesInRawFilesAreReadFromBesideTheirFile(isAbsolute: Bool) throws {
        try withTemporaryDirectory { directory in
            let scan = try external(in: directory, isAbsolute: isAbsolute)
            #expect(scan.problem == nil && scan.stack?.sources.count == 7)
            #expect(try readAll(scan) == stack.counts)

            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            utimensat(AT_FDCWD, "\(directory)/f3.edf", &times, 0)
            #expect(try ScanFile.open("\(directory)/m.nxs").scans[0].fingerprint != scan.fingerprint)
        }
    }

    @Test(arguments: [(1000, "expected 1216 bytes, found 1000"), (0, "found 0"), (nil, "no such file")])
    func aRawFileThatIsShortOrMissingIsNoZeros(bytes: Int?, message: String) throws {
        try withTemporaryDirectory { directory in
            _ = try external(in: directory, isAbsolute: false)
            let raw = "\(directory)/f3.edf"
            if let bytes { truncate(raw, off_t(bytes)) } else { unlink(raw) }
            let scan = try ScanFile.open("\(directory)/m.nxs").scans[0]
            #expect(scan.problem?.path == raw && scan.problem?.problem.contains(message) == true)
            #expect(scan.completeness.framesWritten == 3)
        }
    }

    // MARK: What keeps HDF5 from opening

    @Test func aLackOfRoomForOpenFilesIsNoDamage() {
        let failure = HDF5Failure("open", reason: "unable to open file: name = 'a.h5', errno = 24, error message = '…'")
        #expect(failure.explanation.contains("LimitNOFILE") && !failure.explanation.contains("damaged"))
        _ = HDF5Library.version
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(limit.rlim_cur == limit.rlim_max)
    }

    @Test func anEncodingOfANewerLibraryIsNoDamage() {
        let failure = HDF5Failure("open /entry/data", reason: "bad version number for hyperslab selection")
        #expect(failure.explanation.contains("needs HDF5 1.12 or later"))
        #expect(!failure.explanation.contains("damaged"))
    }
}
