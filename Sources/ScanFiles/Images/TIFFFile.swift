internal import CTIFF
internal import Volume

/// An open TIFF file.
final class TIFFFile {
    private let path: String
    private let handle: UnsafeMutablePointer<lacuna_tiff>

    static func begins(with bytes: [UInt8]) -> Bool {
        [[0x49, 0x49, 0x2a, 0], [0x4d, 0x4d, 0, 0x2a], [0x49, 0x49, 0x2b, 0], [0x4d, 0x4d, 0, 0x2b]].contains {
            bytes.starts(with: $0)
        }
    }

    init(_ path: String) throws(ScanFileError) {
        guard let handle = lacuna_tiff_open(path) else {
            throw ScanFileError(path: path, problem: "no memory is left to read it")
        }
        self.path = path
        self.handle = handle
        guard handle.pointee.file != nil else { throw error("cannot be read as TIFF") }
    }

    deinit { lacuna_tiff_close(handle) }

    /// What the directories of a file say of its images.
    static func open(_ path: String) throws(ScanFileError) -> ImageFile {
        let source = try SourceFile(path)
        let tiff = try TIFFFile(path)
        let form = try tiff.form
        var fields = tiff.fields
        if Int32(lacuna_tiff_describe(tiff.handle).photometric) == PHOTOMETRIC_MINISWHITE {
            fields["photometric"] = "0 is white"
        }
        var pages = 1
        while TIFFLastDirectory(tiff.handle.pointee.file) == 0 {
            guard TIFFReadDirectory(tiff.handle.pointee.file) == 1 else {
                throw tiff.error("image \(pages + 1) cannot be found; truncated or still being written")
            }
            let other = try tiff.form
            guard other == form else {
                throw ScanFileError(
                    path: path,
                    problem: "expected images of \(form) like its first one, found \(other) in image \(pages + 1)")
            }
            pages += 1
        }
        try tiff.checkStated(fields["imagedescription"] ?? "", pages: pages)
        try tiff.checkSize(of: pages, form, source)
        return ImageFile(
            source: source, format: .tiff, form: form, places: (0..<pages).map(ImagePlace.page), fields: fields)
    }

    /// Reads the values of an image in this machine's byte order.
    func read(page: Int, _ form: ImageFile.Form, into buffer: UnsafeMutableRawBufferPointer) throws(ScanFileError) {
        if Int(TIFFCurrentDirectory(handle.pointee.file)) != page {
            guard TIFFSetDirectory(handle.pointee.file, UInt32(page)) == 1 else {
                throw error("has no image \(page + 1) any more")
            }
        }
        let found = try self.form
        guard found == form else { throw ScanFileError(path: path, problem: "expected \(form), found \(found)") }
        let rowBytes = form.frame.columns * form.elementType.size
        guard buffer.count == form.bytes,
            lacuna_tiff_read(handle, buffer.baseAddress, rowBytes, UInt32(form.frame.rows)) != 0
        else { throw error("image \(page + 1) cannot be read; damaged, truncated or still being written") }
    }

    /// The form of the images of the current directory.
    private var form: ImageFile.Form {
        get throws(ScanFileError) {
            let image = lacuna_tiff_describe(handle)
            guard image.samples == 1 else {
                throw ScanFileError(
                    .noScan, path: path,
                    problem: "expected one value a pixel, found \(image.samples): a picture in colours")
            }
            guard [PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE].contains(Int32(image.photometric)) else {
                throw ScanFileError(
                    .noScan, path: path,
                    problem: "expected plain values, found the photometric kind \(image.photometric)")
            }
            guard image.orientation == UInt16(ORIENTATION_TOPLEFT) else {
                throw ScanFileError(
                    path: path,
                    problem: "expected the orientation 1 (first row at the top), found \(image.orientation)")
            }
            guard let type = Self.elementType(bits: Int(image.bits), format: Int32(image.format)) else {
                throw ScanFileError(
                    path: path,
                    problem:
                        "expected integers of 8, 16, 32 or 64 bits or floats of 32 or 64, found \(image.bits) bits "
                        + "of the sample format \(image.format)")
            }
            return try ImageFile.form(columns: Int(image.columns), rows: Int(image.rows), type, path: path)
        }
    }

    private static func elementType(bits: Int, format: Int32) -> ElementType? {
        switch format {
        case SAMPLEFORMAT_UINT, SAMPLEFORMAT_VOID: ElementType(rawValue: "uint\(bits)")
        case SAMPLEFORMAT_INT: ElementType(rawValue: "int\(bits)")
        case SAMPLEFORMAT_IEEEFP: ElementType(rawValue: "float\(bits)")
        default: nil
        }
    }

    /// Texts in which detectors may be named.
    private var fields: [String: String] {
        let tags: [(String, Int32)] = [
            ("imagedescription", TIFFTAG_IMAGEDESCRIPTION), ("make", TIFFTAG_MAKE), ("model", TIFFTAG_MODEL),
            ("software", TIFFTAG_SOFTWARE), ("datetime", TIFFTAG_DATETIME),
        ]
        var fields: [String: String] = [:]
        for (name, tag) in tags {
            if let text = lacuna_tiff_text(handle, UInt32(tag)) { fields[name] = String(cString: text) }
        }
        return fields
    }

    /// Programs that write all images of a stack behind the first one, without a directory for each, say so in a text.
    private func checkStated(_ description: String, pages: Int) throws(ScanFileError) {
        var stated: Int?
        if description.hasPrefix("ImageJ=") {
            stated = description.firstMatch(of: /(?m)^images=(\d+)/).flatMap { Int($0.1) }
        } else if description.hasPrefix("{\"shape\": ["), description.contains("\"truncated\": true") {
            stated = description.firstMatch(of: /"shape": \[(\d+)/).flatMap { Int($0.1) }
        }
        guard let stated, stated > pages else { return }
        throw ScanFileError(
            path: path,
            problem: "expected a directory for each of the \(stated) images that it states, found \(pages)")
    }

    /// Images that are not compressed cannot take less than their values.
    private func checkSize(of pages: Int, _ form: ImageFile.Form, _ source: SourceFile) throws(ScanFileError) {
        guard lacuna_tiff_is_plain(handle) != 0, source.size < pages * form.bytes else { return }
        throw ScanFileError(
            path: path,
            problem: "expected more than \(pages * form.bytes) bytes, found \(source.size): truncated or still being "
                + "written")
    }

    private func error(_ problem: String) -> ScanFileError {
        let words = withUnsafeBytes(of: handle.pointee.message) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ScanFileError(path: path, problem: words.isEmpty ? problem : "\(problem): \(words)")
    }
}
