internal import Conventions
package import Foundation

/// Prints one JSON object on standard output, keys sorted.
package func printJSON(_ value: some Encodable, encoder: JSONEncoder = JSONEncoder()) throws {
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}

extension String {
    /// The same text with line breaks and other control characters written as `\n` or `\x1b`.
    package var onOneLine: String {
        unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }
}

/// An absolute path without `.` and `..`, links left as they are.
package func absolutePath(_ path: String) -> String {
    AbsolutePath.normalised(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
}
