import Foundation
import TestSupport
import Testing
import Volume

@testable import ScanFiles

/// Single files of images, of every kind that is read and of some that are not.
/// Masks that other programs drew as pictures.
@Suite struct ImageMaskTests {
    private let shape = VolumeShape(frames: 2, frame: FrameShape(rows: 6, columns: 4))
    private let values = (0..<24).map { UInt8($0 % 5 == 0 ? 255 : 0) }

    @Test func masksAreReadFromTIFFAndEDFWhateverTheirName() throws {
        let directory = try TemporaryDirectory()
        let floats = values.map { $0 == 0 ? 0 : 0.5 as Float }
        let files: [(String, Data)] = [
            ("mask.tif", ImageFiles.tiff([values], rows: 6, columns: 4)),
            ("mask.TIFF", ImageFiles.tiff([values.map { UInt16($0) << 8 }], rows: 6, columns: 4)),
            ("mask.msk", ImageFiles.tiff([floats], rows: 6, columns: 4, format: 3)),
            ("mask.edf", ImageFiles.edf(values, rows: 6, columns: 4, type: "UnsignedByte")),
        ]
        for (name, data) in files {
            try data.write(to: URL(filePath: "\(directory.path)/\(name)"))
            let mask = try RecordedMask.open("\(directory.path)/\(name)", for: shape)
            #expect(mask.frames == 1)
            #expect(try mask.bits().map { $0 != 0 } == values.map { $0 != 0 }, "\(name)")
        }
        let other = VolumeShape(frames: 2, frame: FrameShape(rows: 4, columns: 6))
        let error = #expect(throws: ScanFileError.self) {
            try RecordedMask.open("\(directory.path)/mask.tif", for: other)
        }
        #expect(error?.description.contains("expected a mask of 4x6") == true)
    }

    @Test func imagesForEachFrameAreAMaskForEach() throws {
        let directory = try TemporaryDirectory()
        let second = [UInt8](repeating: 1, count: 24)
        let path = "\(directory.path)/mask.tif"
        try ImageFiles.tiff([values, second], rows: 6, columns: 4).write(to: URL(filePath: path))
        let mask = try RecordedMask.open(path, for: shape)
        #expect(mask.frames == 2)
        #expect(try MaskReader(mask).bits(frames: 1..<2) == second.map(UInt32.init))
    }

    @Test func whatZeroMeansMustBeKnown() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/mask.tif"
        try ImageFiles.tiff([values], rows: 6, columns: 4, tags: [262: 0]).write(to: URL(filePath: path))
        let error = #expect(throws: ScanFileError.self) { try RecordedMask.open(path, for: shape) }
        #expect(error?.description.contains("0 is white") == true)
    }
}

@Suite struct ImageFileTests {
    @discardableResult
    private func withFile<Result>(_ data: Data, _ name: String, _ body: (String) throws -> Result) throws -> Result {
        try withTemporaryDirectory { directory in
            try data.write(to: URL(filePath: "\(directory)/\(name)"))
            return try body("\(directory)/\(name)")
        }
    }

    @Test(arguments: [
        ("SignedByte", "int8"), ("UnsignedByte", "uint8"), ("SignedShort", "int16"), ("UnsignedShort", "uint16"),
        ("SignedInteger", "int32"), ("UnsignedInteger", "uint32"), ("SignedLong", "int32"), ("UnsignedLong", "uint32"),
        ("Signed64", "int64"), ("Unsigned64", "uint64"), ("FloatValue", "float32"), ("DoubleValue", "float64"),
    ])
    func theTypesOfEDFAreKnown(name: String, type: String) throws {
        let expected = try #require(ElementType(rawValue: type))
        let bytes = [UInt8](repeating: 0, count: 12 * expected.size)
        try withFile(ImageFiles.edf(bytes, rows: 3, columns: 4, type: name), "a.edf") { path in
            let file = try #require(try ImageFile.open(path))
            #expect(file.form == ImageFile.Form(frame: FrameShape(rows: 3, columns: 4), elementType: expected))
            #expect(file.places.count == 1 && file.format == .edf)
        }
    }

    @Test func bothByteOrdersAndSignsAreRead() throws {
        let values: [Int32] = [0, -1, 70_000, .min, .max, 5]
        for isBigEndian in [false, true] {
            let data = ImageFiles.edf(values, rows: 2, columns: 3, type: "SignedInteger", isBigEndian: isBigEndian)
            try withFile(data, "a.edf") { path in
                let raw = try FrameReader(ScanFile.open(path).scans[0]).read(frames: 0..<1)
                #expect(raw.bytes == values.withUnsafeBytes { Array($0) })
            }
        }
    }

    @Test func severalImagesOfAnEDFFileFollowOneAnother() throws {
        let images = (0..<4).map { image in (0..<600).map { UInt16(image * 600 + $0) } }
        let data = images.reduce(Data()) { $0 + ImageFiles.edf($1, rows: 20, columns: 30, type: "UnsignedShort") }
        try withFile(data, "stack.edf") { path in
            let scan = try ScanFile.open(path).scans[0]
            #expect(try readAll(scan) == images.joined().map(Float.init))
            try ImageFiles.gzip(path)
            let compressed = try ScanFile.open(path + ".gz").scans[0]
            #expect(try readAll(compressed) == images.joined().map(Float.init))
        }
        // As one block of three axes, too, and with the uncertainties that belong to no scan.
        let cube = ImageFiles.edf(
            Array(images.joined()), rows: 20, columns: 30, type: "UnsignedShort", fields: ["Dim_3": "4"])
        let errors = ImageFiles.edf(
            images[0], rows: 20, columns: 30, type: "UnsignedShort", fields: ["EDF_DataBlockID": "1.Image.Error"])
        try withFile(cube + errors, "cube.edf") { (path) throws in
            #expect(try readAll(ScanFile.open(path).scans[0]) == images.joined().map(Float.init))
        }
    }

    @Test(arguments: [
        (["ByteOrder": ""], "expected the ByteOrder LowByteFirst or HighByteFirst, found none"),
        (["ByteOrder": "Middle"], "expected the ByteOrder LowByteFirst or HighByteFirst, found “Middle”"),
        (["DataType": "QuadrupleValue"], "expected a DataType of integers or floats, found “QuadrupleValue”"),
        (["Size": "100"], "expected 24 bytes for 1 x 3x4 uint16, found a header that states 100"),
        (["Dim_1": "0"], "expected Dim_1, Dim_2 and at most Dim_3, found [0, 3, 1] and perhaps more"),
        (["Dim_1": ""], "expected Dim_1 in its header, found none"),
        (["Compression": "GzipCompression"], "expected plain values, found the compression “GzipCompression”"),
    ])
    func headersOfEDFThatCannotBeAreErrors(fields: [String: String], words: String) throws {
        var fields = fields
        if fields["Size"] == "100" { fields["Size"] = "10" }
        let words = words.replacing("states 100", with: "states 10")
        let data = ImageFiles.edf(
            [UInt16](repeating: 1, count: 12), rows: 3, columns: 4, type: "UnsignedShort", fields: fields)
        try withFile(data, "a.edf") { path in
            let error = #expect(throws: ScanFileError.self) { try ImageFile.open(path) }
            #expect(error?.problem == words)
        }
    }

    @Test func whatFollowsTheImageIsNoneOfItOrAnError() throws {
        let image = ImageFiles.edf([UInt16](repeating: 1, count: 12), rows: 3, columns: 4, type: "UnsignedShort")
        try withFile(image + Data([0, 0, 0x0a]), "a.edf") { (path) throws in
            #expect(try ImageFile.open(path)?.places.count == 1)
        }
        try withFile(image + Data([1, 2, 3]), "a.edf") { path in
            let error = #expect(throws: ScanFileError.self) { try ImageFile.open(path) }
            #expect(error?.problem == "expected the end or a header after byte 536, found 3 bytes")
        }
    }

    @Test func theTypesOfTIFFAreRead() throws {
        func check<Number: Equatable>(_ values: [Number], format: Int, _ type: ElementType) throws {
            let data = ImageFiles.tiff([values, values.reversed()], rows: 6, columns: 5, format: format)
            try withFile(data, "stack.tif") { path in
                let scan = try ScanFile.open(path).scans[0]
                #expect(scan.problem == nil && scan.stack?.elementType == type && scan.stack?.shape.frames == 2)
                let raw = try FrameReader(scan).read(frames: 0..<2)
                #expect(raw.bytes == (values + values.reversed()).withUnsafeBytes { Array($0) })
            }
        }
        try check((0..<30).map { UInt8($0) }, format: 1, .uint8)
        try check((0..<30).map { UInt16($0 * 2_000) }, format: 1, .uint16)
        try check((0..<30).map { UInt32($0) << 27 }, format: 1, .uint32)
        try check((0..<30).map { Int16($0 - 15) }, format: 2, .int16)
        try check((0..<30).map { Int32($0 - 15) * 70_000 }, format: 2, .int32)
        try check((0..<30).map { Float($0) - 0.5 }, format: 3, .float32)
        try check((0..<30).map { Double($0) / 3 }, format: 3, .float64)
    }

    @Test(
        arguments: [
            ([277: 3], "expected one value a pixel, found 3: a picture in colours"),
            ([262: 5], "expected plain values, found the photometric kind 5"),
            ([274: 4], "expected the orientation 1 (first row at the top), found 4"),
            (
                [258: 12],
                "expected integers of 8, 16, 32 or 64 bits or floats of 32 or 64, found 12 bits of the sample format 1"
            ),
            (
                [339: 3],
                "expected integers of 8, 16, 32 or 64 bits or floats of 32 or 64, found 16 bits of the sample format 3"
            ),
        ] as [([UInt16: UInt16], String)])
    func kindsOfTIFFThatAreNoFramesAreErrors(tags: [UInt16: UInt16], words: String) throws {
        let data = ImageFiles.tiff([[UInt16](repeating: 1, count: 30)], rows: 6, columns: 5, tags: tags)
        try withFile(data, "a.tif") { path in
            let error = #expect(throws: ScanFileError.self) { try ImageFile.open(path) }
            #expect(error?.problem == words)
        }
    }

    @Test func aTIFFFileThatIsCutShortIsAnError() throws {
        let whole = ImageFiles.tiff([[UInt16](repeating: 1, count: 3000)], rows: 60, columns: 50)
        for count in [5, 100, whole.count / 2, whole.count - 40] {
            try withFile(whole.prefix(count), "a.tif") { path in
                #expect(throws: ScanFileError.self) { try ScanFile.open(path) }
            }
        }
        // Values that are not there although the directory is.
        var moved = whole
        let values = moved[8..<3008]
        moved.removeSubrange(8..<3008)
        _ = values
        try withFile(moved, "a.tif") { path in
            #expect(throws: ScanFileError.self) { try readAll(ScanFile.open(path).scans[0]) }
        }
    }

    @Test func imagesWithoutADirectoryOfTheirOwnAreAnError() throws {
        let text = "ImageJ=1.53t\nimages=201\nslices=201\n"
        let data = ImageFiles.tiff([[UInt16](repeating: 1, count: 30)], rows: 6, columns: 5, description: text)
        try withFile(data, "a.tif") { path in
            let error = #expect(throws: ScanFileError.self) { try ScanFile.open(path) }
            #expect(error?.problem == "expected a directory for each of the 201 images that it states, found 1")
        }
    }
}
