internal import Volume

/// Files of the ESRF data format: a text in braces, `{ key = value ; … }`, before the plain numbers of each image.
enum EDFFile {
    /// What a header says, by names in small letters.
    struct Header {
        var fields: [String: String] = [:]
        /// Bytes from the beginning of the text to the first value.
        var size = 0

        /// A number of the header; `nil` where it is not there.
        func integer(_ names: String...) -> Int? {
            names.lazy.compactMap { fields[$0] }.first.flatMap { Int($0) ?? Double($0).flatMap { Int(exactly: $0) } }
        }
    }

    /// Bytes that are enough to hold any header.
    private static let longestHeader = 1 << 20
    private static let firstRead = 4096

    /// - Returns: `nil` when the content does not begin with a brace.
    static func open(_ stream: ByteStream, path: String) throws(ScanFileError) -> ImageFile? {
        let start = try stream.read(upTo: firstRead, at: 0)
        guard GzipStream.begins(with: start) else {
            return try read(
                path, size: stream.size, isGzipped: false, start: start,
                bytes: { (offset, count) throws(ScanFileError) in try stream.read(upTo: count, at: offset) })
        }
        return try openGzipped(stream, path: path)
    }

    /// The header of the first image, and all of the file only where several images follow one another.
    private static func openGzipped(_ stream: ByteStream, path: String) throws(ScanFileError) -> ImageFile? {
        let head = try GzipStream(stream, path: path, upTo: 1 << 14)
        let size = head.statedSize
        var content = [UInt8](repeating: 0, count: firstRead)
        content.removeLast(firstRead - content.withUnsafeMutableBytes(head.fill))
        guard let brace = content.first(where: { !isSpace($0) }), brace == UInt8(ascii: "{") else { return nil }
        var gzip: GzipStream?
        return try read(path, size: size, isGzipped: true, start: content) { (offset, count) throws(ScanFileError) in
            let known = gzip.flatMap { $0.position <= offset ? $0 : nil }
            let open = if let known { known } else { try GzipStream(stream, path: path) }
            gzip = open
            try open.skip(offset - open.position)
            var bytes = [UInt8](repeating: 0, count: count)
            bytes.removeLast(count - bytes.withUnsafeMutableBytes(open.fill))
            return bytes
        }
    }

    /// - Parameters:
    ///   - size: of the content in bytes.
    ///   - start: the first bytes of the content.
    ///   - bytes: up to a number of bytes of the content from an offset on.
    private static func read(
        _ path: String, size: Int, isGzipped: Bool, start: [UInt8],
        bytes: (_ offset: Int, _ count: Int) throws(ScanFileError) -> [UInt8]
    ) throws(ScanFileError) -> ImageFile? {
        var file: ImageFile?
        var offset = 0
        var part = start
        while offset < size {
            if offset > 0 { part = try bytes(offset, firstRead) }
            guard let brace = part.firstIndex(where: { !isSpace($0) }), part[brace] == UInt8(ascii: "{") else {
                if offset == 0 { return nil }
                let rest = size - offset
                guard rest < 512, part.count == rest, part.allSatisfy({ $0 == 0 || isSpace($0) }) else {
                    throw ScanFileError(
                        path: path, problem: "expected the end or a header after byte \(offset), found \(rest) bytes")
                }
                break
            }
            var header = Header(parsing: part[brace...])
            if header == nil, part.count == firstRead {
                part = try bytes(offset, longestHeader)
                header = Header(parsing: part[brace...])
            }
            guard let header else {
                throw ScanFileError(path: path, problem: "ends within its header: truncated or still being written")
            }
            let data = offset + brace + header.size
            let block = try Block(header, path: path)
            guard data + block.size <= size else {
                throw ScanFileError(
                    path: path,
                    problem: "expected \(data + block.size) bytes, found \(size): truncated or still being written")
            }
            offset = data + block.size
            guard let form = block.form else { continue }
            let places = (0..<block.images).map {
                ImagePlace.bytes(
                    offset: data + $0 * form.bytes, isBigEndian: block.isBigEndian, isGzipped: isGzipped)
            }
            if let first = file?.form, first != form {
                throw ScanFileError(
                    path: path, problem: "expected images of \(first) like its first one, found \(form)")
            }
            if file == nil {
                file = ImageFile(
                    source: try SourceFile(path), format: .edf, form: form, places: places, fields: header.fields)
            } else {
                file?.places += places
            }
        }
        guard let file else { throw ScanFileError(path: path, problem: "holds no image") }
        return file
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}

extension EDFFile.Header {
    /// - Parameter bytes: from the brace on.
    /// - Returns: `nil` when the text does not end within them.
    init?(parsing bytes: ArraySlice<UInt8>) {
        guard let brace = bytes.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let text = String(decoding: bytes[bytes.startIndex + 1..<brace], as: UTF8.self)
        for entry in text.split(separator: ";") {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let (name, value) = (parts[0].trimmed, parts[1].trimmed)
            guard !name.isEmpty else { continue }
            fields[name.lowercased()] = String(value)
        }
        // The line ends after the brace, by one sign or by two.
        var end = brace + 1
        if end < bytes.endIndex, bytes[end] == 0x0d { end += 1 }
        guard end < bytes.endIndex else { return nil }
        if bytes[end] == 0x0a { end += 1 }
        size = end - bytes.startIndex
    }
}

extension EDFFile {
    /// The values that follow a header.
    struct Block {
        /// `nil` where it holds no image: a header alone, or the uncertainties of an image.
        var form: ImageFile.Form?
        var images = 1
        var isBigEndian = false
        /// Bytes.
        var size: Int

        init(_ header: Header, path: String) throws(ScanFileError) {
            let stated = header.integer("edf_binarysize", "size")
            guard let columns = header.integer("dim_1") else {
                guard let stated, stated == 0 else {
                    throw ScanFileError(path: path, problem: "expected Dim_1 in its header, found none")
                }
                size = 0
                return
            }
            let extents = [columns, header.integer("dim_2") ?? 1, header.integer("dim_3") ?? 1]
            guard extents.allSatisfy({ $0 > 0 }), header.integer("dim_4") ?? 1 == 1 else {
                throw ScanFileError(
                    path: path, problem: "expected Dim_1, Dim_2 and at most Dim_3, found \(extents) and perhaps more")
            }
            let compression = header.fields["compression"] ?? "none"
            guard ["", "none", "uncompressed"].contains(compression.lowercased()) else {
                throw ScanFileError(
                    path: path, problem: "expected plain values, found the compression “\(compression)”")
            }
            let type = header.fields["datatype"] ?? ""
            guard let elementType = Self.elementType(type.lowercased()) else {
                throw ScanFileError(path: path, problem: "expected a DataType of integers or floats, found “\(type)”")
            }
            let form = try ImageFile.form(columns: extents[0], rows: extents[1], elementType, path: path)
            let (needed, isTooLarge) = form.bytes.multipliedReportingOverflow(by: extents[2])
            guard !isTooLarge, needed < 1 << 48, stated ?? needed >= needed else {
                throw ScanFileError(
                    path: path,
                    problem: "expected \(form.bytes) bytes for \(extents[2]) x \(form), found a header that states "
                        + "\(stated ?? 0)")
            }
            isBigEndian = try Self.isBigEndian(header, elementType, path: path)
            size = stated ?? needed
            images = extents[2]
            let isError = header.fields["edf_datablockid"]?.lowercased().contains(".error") ?? false
            self.form = isError ? nil : form
        }

        private static func isBigEndian(
            _ header: Header, _ type: ElementType, path: String
        ) throws(ScanFileError) -> Bool {
            let order = header.fields["byteorder"]
            switch order?.lowercased() {
            case "lowbytefirst": return false
            case "highbytefirst": return true
            case nil where type.size == 1: return false
            default:
                let found = order.map { "“\($0)”" } ?? "none"
                throw ScanFileError(
                    path: path, problem: "expected the ByteOrder LowByteFirst or HighByteFirst, found \(found)")
            }
        }

        /// “Long” has 4 bytes here.
        private static func elementType(_ name: String) -> ElementType? {
            switch name {
            case "signedbyte", "signed8": .int8
            case "unsignedbyte", "unsigned8": .uint8
            case "signedshort", "signed16": .int16
            case "unsignedshort", "unsignedshortinteger", "unsigned16": .uint16
            case "signedinteger", "signedlong", "signed32": .int32
            case "unsignedinteger", "unsignedlong", "unsigned32": .uint32
            case "signed64": .int64
            case "unsigned64": .uint64
            case "float", "floatvalue", "floatieee32", "real": .float32
            case "double", "doublevalue", "doubleieee64": .float64
            default: nil
            }
        }
    }
}

extension Substring {
    /// Without spaces at both ends.
    fileprivate var trimmed: Substring {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return self[first...last]
    }
}
