internal import CPNG
internal import Foundation
public import Volume

/// The files in which a gap mask can be given to other programs: 1 (in a PNG picture white) = gap.
public enum MaskFileFormat: String, Sendable, CaseIterable {
    /// NumPy, uint8, (row, column).
    case npy
    /// HDF5 with one dataset, `/mask`, uint8.
    case h5
    /// A picture, one pixel for each pixel.
    case png
    /// TIFF, uint8, one strip.
    case tif

    /// The format that the name of a file asks for.
    public init?(path: String) {
        let ending = URL(filePath: path).pathExtension.lowercased()
        self.init(rawValue: ending == "tiff" ? "tif" : ending)
    }

    /// Writes a mask; one that is there is replaced.
    ///
    /// - Throws: ``ScanFileError`` of kind ``ScanFileError/Kind/occupied`` where something lies there that is no mask, of
    ///   kind ``ScanFileError/Kind/output`` where it cannot be written.
    public func write(_ mask: PixelMask, to path: String) throws(ScanFileError) {
        if let identity = FileIdentity(at: path), !identity.isEmpty, !holdsMask(path) {
            throw ScanFileError(.occupied, path: path, problem: "is there already and is no mask; it is never replaced")
        }
        if self == .npy { return try NumpyFile.write(mask, to: path) }
        let partial = try PartialFile(for: path)
        switch self {
        case .npy, .h5: try Self.writeHDF5(mask, to: partial)
        case .png: try Self.writePicture(mask, to: partial)
        case .tif: try partial.write(Self.tiff(mask))
        }
        try partial.commit()
    }

    /// Whether a file is such as this format writes, and nothing else.
    private func holdsMask(_ path: String) -> Bool {
        switch self {
        case .npy:
            guard let archive = (try? NumpyArchive(path)).flatMap({ $0 }), !archive.isZip else { return false }
            return archive.arrays.allSatisfy {
                $0.location.header.shape.count == 2 && $0.location.header.elementType == .uint8
            }
        case .h5:
            guard let root = try? HDF5File(readingFrom: path).root, (try? root.names()) == ["mask"],
                let mask = try? root.open("mask").dataset
            else { return false }
            return mask.shape.count == 2 && mask.elementType == .uint8
        case .png: return (try? Self.pixels(ofPicture: path))?.values.allSatisfy { $0 == 0 || $0 == 255 } ?? false
        case .tif: return (try? TIFFFile.open(path))?.fields["software"] == Self.software
        }
    }

    private static func writeHDF5(_ mask: PixelMask, to partial: PartialFile) throws(ScanFileError) {
        let file = try HDF5File(creating: partial.path, for: partial.finalPath)
        do throws(HDF5Failure) {
            let shape = [mask.shape.rows, mask.shape.columns]
            let values = mask.storage.map { $0 ? 1 : 0 as UInt8 }
            try file.root.write("mask", values, shape: shape, storage: .deflated(chunk: shape, elementSize: 1))
        } catch {
            // HDF5 1.10 can never close a file whose flushing failed.
            file.divertToMemory()
            if let number = error.systemError {
                throw PartialFile.error(partial.finalPath, "cannot be written", number)
            }
            throw ScanFileError(.output, path: partial.finalPath, problem: "cannot be written: \(error)")
        }
    }

    /// Reads a picture of which every pixel that is not black is masked.
    static func readPicture(_ path: String) throws(ScanFileError) -> PixelMask {
        let (shape, values) = try pixels(ofPicture: path)
        return PixelMask(shape: shape, storage: values.map { $0 != 0 })
    }

    /// Whether a file begins as a PNG picture does, whatever its name.
    static func isPicture(_ start: [UInt8]) -> Bool { start.starts(with: [0x89, 0x50, 0x4e, 0x47]) }

    private static func pixels(ofPicture path: String) throws(ScanFileError) -> (shape: FrameShape, values: [UInt8]) {
        try HDF5File.checkReadable(path)
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        guard png_image_begin_read_from_file(&image, path) != 0 else {
            throw ScanFileError(path: path, problem: "expected a PNG picture, found something else, or a damaged one")
        }
        defer { png_image_free(&image) }
        image.format = png_uint_32(PNG_FORMAT_GRAY)
        let shape = FrameShape(rows: Int(image.height), columns: Int(image.width))
        guard shape.rows <= FrameShape.largestCount / max(1, shape.columns) else {
            throw ScanFileError(path: path, problem: "is a picture of \(shape) pixels, more than any detector has")
        }
        var pixels = [UInt8](repeating: 0, count: shape.count)
        guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else {
            throw ScanFileError(path: path, problem: "is a damaged PNG picture")
        }
        return (shape, pixels)
    }

    /// By which a TIFF file is known as written here.
    private static let software = "Lacuna"

    /// A TIFF file with one image in one strip, which is not compressed.
    private static func tiff(_ mask: PixelMask) -> [UInt8] {
        let text = Array(software.utf8) + [0]
        let pixels = mask.storage.map { $0 ? 1 : 0 as UInt8 }
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        // The header, the text and the pixels are followed by the directory, which begins at an even byte.
        let (textStart, pixelStart) = (8, 8 + text.count)
        let padding = (pixelStart + pixels.count) % 2
        let directory = pixelStart + pixels.count + padding
        // Tag, type (2 text, 3 of 16 bits, 4 of 32 bits), count, value or where it stands.
        let entries: [(tag: Int, type: Int, count: Int, value: Int)] = [
            (256, 4, 1, mask.shape.columns), (257, 4, 1, mask.shape.rows), (258, 3, 1, 8), (259, 3, 1, 1),
            (262, 3, 1, 1), (273, 4, 1, pixelStart), (277, 3, 1, 1), (278, 4, 1, mask.shape.rows),
            (279, 4, 1, pixels.count), (305, 2, text.count, textStart),
        ]
        var file: [UInt8] = [0x49, 0x49, 42, 0]
        file += bytes(directory, 4)
        file += text + pixels + [UInt8](repeating: 0, count: padding)
        file += bytes(entries.count, 2)
        for entry in entries {
            file += bytes(entry.tag, 2)
            file += bytes(entry.type, 2)
            file += bytes(entry.count, 4)
            file += bytes(entry.value, 4)
        }
        return file + bytes(0, 4)
    }

    private static func writePicture(_ mask: PixelMask, to partial: PartialFile) throws(ScanFileError) {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.width = png_uint_32(mask.shape.columns)
        image.height = png_uint_32(mask.shape.rows)
        image.format = png_uint_32(PNG_FORMAT_GRAY)
        let pixels = mask.storage.map { $0 ? 255 : 0 as UInt8 }
        guard png_image_write_to_file(&image, partial.path, 0, pixels, 0, nil) != 0 else {
            throw PartialFile.error(partial.finalPath, "cannot be written", errno)
        }
    }
}
