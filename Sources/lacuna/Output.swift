import Beamline
import Foundation

/// Prints one JSON object on standard output, keys sorted.
func printJSON(_ value: some Encodable, encoder: JSONEncoder = JSONEncoder()) throws {
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}

/// An absolute path without `.` and `..`, links left as they are.
func absolutePath(_ path: String) -> String {
    AbsolutePath.normalised(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
}
