internal import CPNG

/// A picture that is drawn into, (row, column) from the top left corner.
struct Canvas {
    let rows: Int
    let columns: Int
    private(set) var pixels: [Colour]

    init(rows: Int, columns: Int, background: Colour) {
        self.rows = rows
        self.columns = columns
        pixels = [Colour](repeating: background, count: rows * columns)
    }

    /// Fills a rectangle; what lies outside of the picture is ignored.
    mutating func fill(rows: Range<Int>, columns: Range<Int>, with colour: Colour) {
        for row in rows.clamped(to: 0..<self.rows) {
            for column in columns.clamped(to: 0..<self.columns) { pixels[row * self.columns + column] = colour }
        }
    }

    /// Writes text whose first character has its top left corner at the given place.
    mutating func write(_ text: String, row: Int, column: Int, colour: Colour) {
        for (index, character) in text.enumerated() {
            let left = column + index * BitmapFont.width
            for pixel in BitmapFont.pixels(of: character) {
                fill(
                    rows: row + pixel.row..<row + pixel.row + 1,
                    columns: left + pixel.column..<left + pixel.column + 1, with: colour)
            }
        }
    }

    /// The picture as a PNG file; `nil` when there is no memory for it.
    func png() -> [UInt8]? {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(columns)
        image.height = UInt32(rows)
        image.format = UInt32(PNG_FORMAT_RGB)
        return pixels.withUnsafeBytes { pixels in
            var bytes = [UInt8](repeating: 0, count: pixels.count + pixels.count / 64 + 65_536)
            var size = bytes.count
            guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels.baseAddress, 0, nil) != 0 else {
                return nil
            }
            return Array(bytes.prefix(size))
        }
    }
}
