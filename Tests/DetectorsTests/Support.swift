import Detectors
import Foundation
import Testing
import Volume

/// The descriptions that ship.
let shippedDirectory = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Config/detectors").path(percentEncoded: false)

private let shipped = Result { try DetectorCatalogue(directories: [shippedDirectory]) }

func shippedCatalogue() throws -> DetectorCatalogue { try shipped.get() }

func shippedDetector(_ name: String) throws -> Detector {
    try #require(try shippedCatalogue()[name])
}

/// Writes YAML files into a fresh directory that is removed after `body`.
func withDirectory<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appending(path: "detectors-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (name, text) in files {
        try Data(text.utf8).write(to: directory.appending(path: name))
    }
    return try body(directory.path(percentEncoded: false))
}

func mask(
    _ rows: Int, _ columns: Int, rows maskedRows: [Range<Int>] = [], columns maskedColumns: [Range<Int>] = [],
    blocks: [(Range<Int>, Range<Int>)] = []
) -> PixelMask {
    var mask = PixelMask(shape: FrameShape(rows: rows, columns: columns))
    for range in maskedRows { mask.mask(rows: range) }
    for range in maskedColumns { mask.mask(columns: range) }
    for block in blocks { mask.mask(rows: block.0, columns: block.1) }
    return mask
}
