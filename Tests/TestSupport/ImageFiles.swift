public import Foundation

/// Writes image files as detectors do.
public enum ImageFiles {
    /// One image of an EDF file.
    public static func edf<Number: FixedWidthInteger>(
        _ values: [Number], rows: Int, columns: Int, type: String, fields: [String: String] = [:],
        isBigEndian: Bool = false
    ) -> Data {
        let bytes = values.flatMap { value in
            withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
        }
        return edf(bytes, rows: rows, columns: columns, type: type, fields: fields, isBigEndian: isBigEndian)
    }

    public static func edf(
        _ bytes: [UInt8], rows: Int, columns: Int, type: String, fields: [String: String] = [:],
        isBigEndian: Bool = false
    ) -> Data {
        var all = [
            "HeaderID": "EH:000001:000000:000000", "Image": "1", "DataType": type, "Dim_1": "\(columns)",
            "Dim_2": "\(rows)", "Size": "\(bytes.count)", "ByteOrder": isBigEndian ? "HighByteFirst" : "LowByteFirst",
        ]
        all.merge(fields) { $1 }
        var text =
            "{\n"
            + all.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value) ;\n" }.joined()
        text += String(repeating: " ", count: 511 - (text.utf8.count + 1) % 512) + "}\n"
        return Data(text.utf8) + Data(bytes)
    }

    /// A TIFF file with images that are not compressed, each in strips of four rows.
    public static func tiff<Number>(
        _ images: [[Number]], rows: Int, columns: Int, format: Int = 1, description: String? = nil,
        tags: [UInt16: UInt16] = [:], isTruncated: Bool = false
    ) -> Data {
        let size = MemoryLayout<Number>.size
        var data = Data([0x49, 0x49, 42, 0, 0, 0, 0, 0])
        var link = 4
        for image in images {
            let start = data.count
            image.withUnsafeBytes { data.append(contentsOf: $0) }
            let text = data.count
            if let description { data.append(Data(description.utf8) + [0]) }
            if data.count % 2 == 1 { data.append(0) }
            let strips = (rows + 3) / 4
            let offsets = data.count
            for strip in 0..<strips { data.add(UInt32(start + strip * 4 * columns * size)) }
            let counts = data.count
            for strip in 0..<strips { data.add(UInt32(min(4, rows - strip * 4) * columns * size)) }
            var entries: [(UInt16, UInt16, Int, Int)] = [
                (256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, size * 8), (259, 3, 1, 1), (262, 3, 1, 1),
                (273, 4, strips, strips == 1 ? start : offsets), (277, 3, 1, 1), (278, 4, 1, 4),
                (279, 4, strips, strips == 1 ? rows * columns * size : counts), (339, 3, 1, format),
            ]
            for (tag, value) in tags {
                entries.removeAll { $0.0 == tag }
                entries.append((tag, 3, 1, Int(value)))
            }
            if let description { entries.append((270, 2, description.utf8.count + 1, text)) }
            entries.sort { $0.0 < $1.0 }
            data.replaceSubrange(link..<link + 4, with: withUnsafeBytes(of: UInt32(data.count)) { Data($0) })
            data.add(UInt16(entries.count))
            for (tag, type, count, value) in entries {
                data.add(tag)
                data.add(type)
                data.add(UInt32(count))
                data.add(UInt32(value))
            }
            link = data.count
            data.add(UInt32(0))
        }
        return isTruncated ? data.dropLast(data.count / 2) : data
    }

    /// Compresses a file with gzip, which replaces it.
    public static func gzip(_ path: String) throws {
        let process = try Process.run(URL(filePath: "/usr/bin/gzip"), arguments: ["-f", path])
        process.waitUntilExit()
    }
}

extension Data {
    fileprivate mutating func add<Number: FixedWidthInteger>(_ value: Number) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
