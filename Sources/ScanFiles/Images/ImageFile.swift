internal import Conventions
internal import Volume

/// A file with one image or several in it, EDF or TIFF, as its headers describe them.
struct ImageFile: Sendable {
    enum Format: String, Sendable {
        case edf = "EDF"
        case tiff = "TIFF"
    }

    /// The images of a file all have the same form.
    struct Form: Sendable, Equatable, CustomStringConvertible {
        var frame: FrameShape
        var elementType: ElementType

        var bytes: Int { frame.count * elementType.size }

        var description: String { "\(frame) \(elementType.rawValue)" }
    }

    let source: SourceFile
    let format: Format
    let form: Form
    /// Where each image is found in the file.
    var places: [ImagePlace]
    /// What the header of the first image says, by names in small letters.
    var fields: [String: String] = [:]

    /// Reads the headers of a file, by its content.
    ///
    /// - Returns: `nil` for a file that is neither EDF nor TIFF.
    /// - Throws: ``ScanFileError`` for one that cannot be read, is damaged, cut short or of an unknown kind.
    static func open(_ path: String) throws(ScanFileError) -> ImageFile? {
        let stream = try ByteStream(file: path)
        let start = try stream.read(upTo: 4, at: 0)
        if TIFFFile.begins(with: start) { return try TIFFFile.open(path) }
        return try EDFFile.open(stream, path: path)
    }

    /// - Throws: ``ScanFileError`` also for a file of another kind.
    static func require(_ path: String) throws(ScanFileError) -> ImageFile {
        if let file = try open(path) { return file }
        throw ScanFileError(path: path, problem: "expected an EDF or TIFF image, found something else")
    }

    /// Checks the extents of an image as its header states them.
    static func form(
        columns: Int, rows: Int, _ elementType: ElementType, path: String
    ) throws(ScanFileError) -> Form {
        if let problem = StackShape.problem(with: [rows, columns], allowsImage: true) {
            throw ScanFileError(path: path, problem: problem)
        }
        return Form(frame: FrameShape(rows: rows, columns: columns), elementType: elementType)
    }
}

/// Where an image is found in its file.
enum ImagePlace: Hashable, Sendable {
    /// Plain values of an EDF file.
    case bytes(offset: Int, isBigEndian: Bool, isGzipped: Bool)
    /// A directory of a TIFF file, from 0.
    case page(Int)
}

/// An image of a stack.
struct ImageLocation: Hashable, Sendable {
    var file: String
    var place: ImagePlace
}
