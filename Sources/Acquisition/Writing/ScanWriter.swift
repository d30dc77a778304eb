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
