internal import Foundation
internal import ScanFiles

/// Writes one scan in one layout, in the order in which an acquisition writes it.
protocol ScanWriter: AnyObject {
    /// The file that stands for the scan.
    var scanFile: String { get }
    /// The files that hold the frames, so far.
    var frameFiles: [String] { get }

    /// Called once, before the first frame.
    func begin(at time: Date) throws(ScanFileError)
    /// Called for each frame in turn; `counts` is in row-major order.
    func write(_ counts: [UInt32], frame: Int, at time: Date) throws(ScanFileError)
    /// Called once, after the last frame; never, when the acquisition dies.
    func end(_ reason: EndReason, at time: Date) throws(ScanFileError)
}

/// Why a scan ended, in BLISS's words.
enum EndReason: String, Sendable {
    case success = "SUCCESS"
    case userAbort = "USER_ABORT"
}

/// Runs the HDF5 calls that write a file, and turns a failure into an error that names the file.
func writing<Result>(
    _ path: String, _ body: () throws(HDF5Failure) -> Result
) throws(ScanFileError) -> Result {
    do throws(HDF5Failure) {
        return try body()
    } catch {
        throw ScanFileError(.output, path: path, problem: error.description)
    }
}

/// A scan is never written over another one.
func checkAbsent(_ path: String) throws(ScanFileError) {
    if FileManager.default.fileExists(atPath: path) {
        throw ScanFileError(.output, path: path, problem: "exists already")
    }
}

/// Creates a directory and those above it.
func createDirectory(_ path: String) throws(ScanFileError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw ScanFileError(
            .output, path: path, problem: "the directory cannot be created: \(error.localizedDescription)")
    }
}

extension HDF5Group {
    /// Creates a member group of a NeXus class.
    func createGroup(_ name: String, class nexusClass: String) throws(HDF5Failure) -> HDF5Group {
        let group = try createGroup(name)
        try group.setAttribute("NX_class", to: nexusClass)
        return group
    }

    /// Creates a group of text and number datasets, as BLISS and Lima keep parameters.
    @discardableResult
    func createCollection(
        _ name: String, class nexusClass: String = "NXcollection", _ values: KeyValuePairs<String, ScanValue> = [:]
    ) throws(HDF5Failure) -> HDF5Group {
        let group = try createGroup(name, class: nexusClass)
        for (name, value) in values { try group.write(name, value) }
        return group
    }

    func write(_ name: String, _ value: ScanValue) throws(HDF5Failure) {
        switch value {
        case .text(let text): try write(name, text)
        case .integer(let integer): try write(name, Int64(integer))
        case .number(let number): try write(name, number)
        case .quantity(let number, let units): try write(name, number).setAttribute("units", to: units)
        }
    }
}

/// A value of a parameter in a scan file.
enum ScanValue: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    case text(String)
    case integer(Int)
    case number(Double)
    case quantity(Double, units: String)

    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
}

/// An exclusive lock on a file, held as long as the value lives.
///
/// It is the lock that HDF5 takes on a file opened for writing (flock). Lacuna switches HDF5's own locks off for the
/// whole process, for the sake of the files it reads; as a stand-in for the beamline's writers it takes them itself.
struct FileLock: ~Copyable {
    private let descriptor: CInt

    /// - Throws: where the file cannot be opened or where another process holds a lock on it.
    init(_ path: String) throws(ScanFileError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ScanFileError(.output, path: path, problem: "cannot be locked: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw ScanFileError(.output, path: path, problem: "is locked by another process")
        }
    }

    deinit { close(descriptor) }
}

/// How frames are compressed; each frame is one chunk.
public enum FrameCompression: String, Sendable, CaseIterable {
    case none
    /// Deflate at level 6 without shuffle, Lima's HDF5GZ.
    case gzip
    /// Bitshuffle and LZ4, Lima's HDF5BS; needs the HDF5 plug-in of filter 32008.
    case bslz4

    /// Lima's name of the saving format.
    var limaFormat: String {
        switch self {
        case .none: "HDF5"
        case .gzip: "HDF5GZ"
        case .bslz4: "HDF5BS"
        }
    }

    var filters: [HDF5Filter] {
        switch self {
        case .none: []
        case .gzip: [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [6])]
        case .bslz4: [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])]
        }
    }
}
