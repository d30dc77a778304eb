import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct NumpyTests {
    private let stack = StackFile()

    private func withFile<Result>(_ bytes: [UInt8], _ body: (ScanFile) throws -> Result) throws -> Result {
        try withTemporaryDirectory { directory in
            try Data(bytes).write(to: URL(filePath: "\(directory)/file.npy"))
            return try body(ScanFile.open("\(directory)/file.npy"))
        }
    }

    @Test(arguments: [false, true])
    func anArchiveWithAMaskIsRead(deflated: Bool) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.npz"
            let mask = (0..<600).map { UInt8($0 == 7 ? 1 : 0) }
            let arrays = [
                ("data.npy", npy(stack.values(UInt32.self), shape: stack.shape.extents)),
                ("mask.npy", npy(mask, shape: [20, 30])),
            ]
            try writeArchive(arrays, to: path, deflated: deflated)
            let file = try ScanFile.open(path)
            #expect(file.layout == .npz)
            let scan = try #require(file.scans.first)
            #expect(scan.problem == nil && scan.stack?.dataset == "data" && scan.stack?.elementType == .uint32)
            #expect(scan.completeness.state == .unmarked && scan.entry == "/")
            #expect(try readAll(scan) == stack.counts)
            let recorded = try #require(scan.pixelMask)
            #expect(recorded.convention == .nonZero)
            #expect(try recorded.bits() == mask.map(UInt32.init))
            // Backwards, too.
            let reader = try FrameReader(scan)
            let last = try reader.read(frames: 4..<5).decode().voxels
            #expect(try reader.read(frames: 0..<5).decode().voxels.suffix(600) == last[...])
        }
    }

    @Test func theOnlyStackOfAnArchiveIsTaken() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.npz"
            let iobs = ("iobs.npy", npy(stack.values(Int16.self), shape: stack.shape.extents))
            try writeArchive([iobs, ("support.npy", npy([1] as [Float], shape: [1]))], to: path)
            let scan = try ScanFile.open(path).scans[0]
            #expect(try readAll(scan) == stack.counts)
            try writeArchive([iobs, ("other.npy", iobs.1)], to: path)
            #expect(try ScanFile.open(path).scans[0].problem?.description.contains("choose one with --dataset") == true)
            #expect(try ScanFile.open(path, dataset: "other").scans[0].problem == nil)
        }
    }

    @Test func aMaskForEachFrameIsReadFrameByFrame() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.npz"
            let mask = (0..<stack.shape.count).map { $0 % 11 == 0 }.map { $0 ? 1 : 0 as Int64 }
            try writeArchive(
                [
                    ("data.npy", npy(stack.values(UInt8.self), shape: stack.shape.extents)),
                    ("mask.npy", npy(mask, shape: stack.shape.extents)),
                ], to: path)
            let recorded = try #require(try ScanFile.open(path).scans[0].pixelMask)
            #expect(recorded.frames == 5)
            #expect(try MaskReader(recorded).bits(frames: 2..<4) == mask[1200..<2400].map { UInt32($0) })
        }
    }

    @Test(arguments: [1, 2, 3])
    func everyHeaderVersionIsRead(version: UInt8) throws {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (5, 20, 30), }"
        try withFile(npy(version: version, header: header, values: stack.values())) { file in
            #expect(file.layout == .npy)
            let counts = try readAll(file.scans[0])
            #expect(counts == stack.counts)
        }
    }

    @Test(arguments: [(">u2", 2), (">i4", 4), ("<i8", 8), (">u8", 8)])
    func bothByteOrdersAreRead(type: String, size: Int) throws {
        let bytes = stack.values(UInt8.self).flatMap { value in
            let padding = [UInt8](repeating: 0, count: size - 1)
            return type.hasPrefix(">") ? padding + [value] : [value] + padding
        }
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (5, 20, 30), }"
        try withFile(npy(header: header, values: bytes)) { file in
            let counts = try readAll(file.scans[0])
            #expect(counts == stack.counts)
        }
    }

    @Test(arguments: [
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (5, 20, 30), }", "Fortran order"),
        ("{'descr': '<c8', 'fortran_order': False, 'shape': (5, 20, 30), }", "expected numbers"),
        ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (5, 20, 30), }", "expected numbers"),
        ("{'descr': '<u2', 'fortran_order': False, 'shape': (5, 20, 30), }", "truncated or still being written"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (20, 30), }", "found 2: 20x30"),
        ("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 20, 30), }", "at least one frame"),
        ("garbage", "cannot be understood"),
    ])
    func whatCannotBeReadIsRefused(header: String, message: String) throws {
        try withFile(npy(header: header, values: stack.values())) { file in
            #expect(file.scans[0].problem?.description.contains(message) == true)
        }
    }

    @Test func aDamagedArchiveIsNoticed() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.npz"
            try writeArchive(
                [("data.npy", npy(stack.values(UInt32.self), shape: stack.shape.extents))], to: path, deflated: false)
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            bytes[bytes.count / 2] ^= 0xff
            try Data(bytes).write(to: URL(filePath: path))
            let scan = try ScanFile.open(path).scans[0]
            let error = #expect(throws: ScanFileError.self) { try readAll(scan) }
            #expect(error?.description.contains("CRC") == true)
            try Data(bytes.prefix(bytes.count - 100)).write(to: URL(filePath: path))
            #expect(throws: ScanFileError.self) { try ScanFile.open(path) }
        }
    }

    @Test func masksAreWrittenAndOpenedAgain() throws {
        try withTemporaryDirectory { directory in
            var mask = PixelMask(shape: FrameShape(rows: 20, columns: 30))
            mask.mask(rows: 3..<5)
            let path = "\(directory)/mask.npy"
            try NumpyFile.write(mask, to: path)
            let recorded = try RecordedMask.open(path, for: stack.shape)
            #expect(try recorded.bits().map { $0 != 0 } == mask.storage)
            let other = VolumeShape(frames: 5, rows: 30, columns: 20)
            #expect(throws: ScanFileError.self) { try RecordedMask.open(path, for: other) }

            let file = "\(directory)/mask.h5"
            let values = mask.storage.map { $0 ? 1 : 0 as UInt8 }
            try HDF5File(creating: file).root.createGroup("a").write("b", values, shape: [20, 30])
            #expect(try RecordedMask.open("\(file)::/a/b", for: stack.shape).bits() == recorded.bits())
            #expect(throws: ScanFileError.self) { try RecordedMask.open(file, for: stack.shape) }
        }
    }
}
