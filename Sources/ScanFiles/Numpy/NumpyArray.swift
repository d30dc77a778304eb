internal import Foundation
public import Volume

/// An array in a `.npy` file or in a member of an `.npz` file.
struct NumpyLocation: Sendable {
    var file: String
    /// `nil` for `.npy`.
    var member: String?
    var header: NumpyHeader
}

/// The arrays of one file.
struct NumpyArchive {
    let path: String
    let isZip: Bool
    /// Name (without `.npy`; empty for a `.npy` file) and place of each array that holds numbers.
    private(set) var arrays: [(name: String, location: NumpyLocation)] = []
    /// Why an array is of no use, by its name.
    private(set) var unusable: [String: NumpyHeaderError] = [:]

    /// - Returns: `nil` when the file is neither `.npy` nor `.npz`, judged by its first bytes.
    init?(_ path: String) throws(ScanFileError) {
        let stream = try ByteStream(file: path)
        let start = try stream.read(upTo: NumpyHeader.longest, at: 0)
        self.path = path
        isZip = start.starts(with: [0x50, 0x4b, 0x03, 0x04]) || start.starts(with: [0x50, 0x4b, 0x05, 0x06])
        if isZip {
            for member in try ZipArchive(path).members where member.name.hasSuffix(".npy") {
                let stream = try ZipStream(path: path, member: member.name)
                let name = String(member.name.dropLast(4))
                add(
                    name: name, member: member.name, size: member.size,
                    start: try stream.read(upTo: NumpyHeader.longest))
            }
        } else {
            guard start.starts(with: [0x93]) else { return nil }
            add(name: "", member: nil, size: stream.size, start: start)
        }
    }

    private mutating func add(name: String, member: String?, size: Int, start: [UInt8]) {
        do throws(NumpyHeaderError) {
            let header = try NumpyHeader(parsing: start)
            let needed = header.dataOffset + header.dataSize
            guard size >= needed else {
                throw NumpyHeaderError("expected \(needed) bytes, found \(size): truncated or still being written")
            }
            arrays.append((name, NumpyLocation(file: path, member: member, header: header)))
        } catch { unusable[name] = error }
    }

    /// An array by its name.
    ///
    /// - Throws: ``ScanFileError`` when it exists and is of no use.
    func array(_ name: String) throws(ScanFileError) -> NumpyLocation? {
        if let unusable = unusable[name] {
            throw error(unusable.problem, array: name, kind: unusable.isNoScan ? .noScan : .input)
        }
        return arrays.first { $0.name == name }?.location
    }

    func error(_ problem: String, array: String? = nil, kind: ScanFileError.Kind = .input) -> ScanFileError {
        ScanFileError(kind, path: path, dataset: array.flatMap { $0.isEmpty ? nil : $0 }, problem: problem)
    }

    /// An array as a stack of frames; an image counts as one frame where `allowsImage` is set.
    func stack(
        _ location: NumpyLocation, name: String, allowsImage: Bool = false
    ) throws(ScanFileError) -> FrameStack {
        var shape = location.header.shape
        // Axes of length 1 before the image hold nothing.
        while shape.count > 3, let single = shape.dropLast(2).firstIndex(of: 1) { shape.remove(at: single) }
        if let problem = StackShape.problem(with: shape, allowsImage: allowsImage) {
            throw error(problem, array: name, kind: shape.count < 3 && !allowsImage ? .noScan : .input)
        }
        return FrameStack(
            dataset: name,
            shape: VolumeShape(
                frames: shape.count == 3 ? shape[0] : 1, rows: shape[shape.count - 2], columns: shape[shape.count - 1]),
            elementType: location.header.elementType, filters: [], sources: [try SourceFile(path)],
            storage: .array(location))
    }
}

/// Writes arrays as NumPy's `.npy` files.
public enum NumpyFile {
    /// Writes values in C order, replacing a file of that name at once.
    ///
    /// - Precondition: `bytes` holds the product of `shape` values of `elementType`.
    /// - Throws: ``ScanFileError`` of kind ``ScanFileError/Kind/output``.
    public static func write(
        _ bytes: UnsafeRawBufferPointer, elementType: ElementType, shape: [Int], to path: String
    ) throws(ScanFileError) {
        precondition(
            bytes.count == shape.reduce(elementType.size, *), "\(bytes.count) bytes cannot have the shape \(shape)")
        var data = Data(NumpyHeader.bytes(elementType: elementType, shape: shape))
        data.append(contentsOf: bytes)
        do { try data.write(to: URL(filePath: path), options: .atomic) } catch {
            throw ScanFileError(.output, path: path, problem: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// Writes a mask as uint8, (row, column), 1 = masked.
    public static func write(_ mask: PixelMask, to path: String) throws(ScanFileError) {
        let values = mask.storage.map { $0 ? 1 : 0 as UInt8 }
        let shape = [mask.shape.rows, mask.shape.columns]
        try values.withUnsafeBytes { bytes in
            Result { () throws(ScanFileError) in try write(bytes, elementType: .uint8, shape: shape, to: path) }
        }.get()
    }
}

/// Frames in a NumPy array.
struct NumpySource: FrameSource {
    private enum Bytes {
        case file(ByteStream)
        case member(ZipStream, name: String)
    }

    private let location: NumpyLocation
    private var bytes: Bytes

    init(_ location: NumpyLocation) throws(ScanFileError) {
        self.location = location
        bytes =
            if let member = location.member {
                .member(try ZipStream(path: location.file, member: member), name: member)
            } else {
                .file(try ByteStream(file: location.file))
            }
    }

    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError) {
        let offset = location.header.dataOffset + frames.lowerBound * frameBytes
        switch bytes {
        case .file(let stream):
            try stream.read(into: buffer, at: offset)
        case .member(var stream, let name):
            if stream.position > offset {
                stream = try ZipStream(path: location.file, member: name)
                bytes = .member(stream, name: name)
            }
            try stream.skip(offset - stream.position)
            try stream.read(into: buffer)
            // Reading past the last value makes libzip verify the checksum.
            if offset + buffer.count == location.header.dataOffset + location.header.dataSize {
                _ = try stream.read(upTo: 1)
            }
        }
        if location.header.isBigEndian { buffer.swapBytes(ofSize: location.header.elementType.size) }
    }
}
