import Foundation
import TestSupport

@testable import ScanFiles

/// A series of small frames, every voxel of which has a count of its own.
struct SmallSeries {
    let rows = 20
    let columns = 30
    var directory: String

    func counts(_ number: Int) -> [UInt16] {
        (0..<rows * columns).map { UInt16(truncatingIfNeeded: number * 600 + $0) }
    }

    func expected(_ numbers: some Sequence<Int>) -> [Float] { numbers.flatMap { counts($0).map(Float.init) } }

    @discardableResult
    func writeEDF(_ number: Int, name: String = "crystal_12_", fields: [String: String] = [:]) throws -> String {
        let path = "\(directory)/\(name)\(String(format: "%04d", number)).edf"
        try ImageFiles.edf(counts(number), rows: rows, columns: columns, type: "UnsignedShort", fields: fields)
            .write(to: URL(filePath: path))
        return path
    }

    @discardableResult
    func writeTIFF(_ number: Int, name: String = "crystal_12_") throws -> String {
        let path = "\(directory)/\(name)\(String(format: "%05d", number)).tif"
        try ImageFiles.tiff([counts(number)], rows: rows, columns: columns).write(to: URL(filePath: path))
        return path
    }

    /// Writes a SPEC file with scans of some points.
    func writeSpec(_ scans: [Scan], name: String = "crystal.spec") throws {
        var text = "#F crystal\n#E 1\n#D Sat Nov 28 12:00:00 2026\n\n"
        for scan in scans {
            text += "#S \(scan.number)  \(scan.command)\n#D Sat Nov 28 12:00:01 2026\n"
            if let template = scan.template { text += "#ULIMA_mpx4 \(template)\n" }
            text += "#N 3\n#L Eta  mpx4inr  Detector\n"
            for point in 0..<scan.points { text += "\(18 + 0.02 * Double(point)) \(scan.firstImage + point) 5.5\n" }
            if scan.isAborted { text += "#C Sat Nov 28 12:03:00 2026.  Scan aborted after \(scan.points) points.\n" }
            text += "\n"
        }
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/\(name)"))
    }

    struct Scan {
        var number: Int
        var command: String
        var points: Int
        var firstImage = 0
        var template: String?
        var isAborted = false
    }
}
