internal import CPNG
internal import Foundation
public import Volume

/// The files in which a gap mask can be given to other programs: 1 (white) = gap.
public enum MaskFileFormat: String, Sendable, CaseIterable {
    /// NumPy, uint8, (row, column).
    case npy
    /// HDF5 with one dataset, `/mask`, uint8.
    case h5
    /// A picture, one pixel for each pixel.
    case png

    /// The format that the name of a file asks for.
    public init?(path: String) {
        self.init(rawValue: URL(filePath: path).pathExtension.lowercased())
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
        if self == .h5 { try Self.writeHDF5(mask, to: partial) } else { try Self.writePicture(mask, to: partial) }
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
        case .png: return (try? Self.readPicture(path)) != nil
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
        return PixelMask(shape: shape, storage: pixels.map { $0 != 0 })
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
