internal import CPNG
internal import Foundation

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

/// A colour of a picture, 8 bits for each of red, green and blue.
struct Colour: Equatable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    /// From a hexadecimal number such as 0xFF8000.
    init(_ hexadecimal: UInt32) {
        red = UInt8(truncatingIfNeeded: hexadecimal >> 16)
        green = UInt8(truncatingIfNeeded: hexadecimal >> 8)
        blue = UInt8(truncatingIfNeeded: hexadecimal)
    }

    /// Between two colours.
    init(_ first: Colour, _ second: Colour, fraction: Float) {
        func mix(_ first: UInt8, _ second: UInt8) -> UInt8 {
            UInt8((Float(first) + (Float(second) - Float(first)) * fraction).rounded())
        }
        red = mix(first.red, second.red)
        green = mix(first.green, second.green)
        blue = mix(first.blue, second.blue)
    }
}

/// Colours of values from 0 to 1.
enum ColourMap {
    /// From black over red to light yellow, of evenly growing lightness: matplotlib's "inferno" (CC0).
    static func colour(_ value: Float) -> Colour { between(inferno, value) }

    /// From blue over yellow to red, for how uncertain something is.
    static func uncertainty(_ value: Float) -> Colour { between(blueToRed, value) }

    private static func between(_ anchors: [Colour], _ value: Float) -> Colour {
        let position = min(max(value, 0), 1) * Float(anchors.count - 1)
        let index = min(Int(position), anchors.count - 2)
        return Colour(anchors[index], anchors[index + 1], fraction: position - Float(index))
    }

    private static let inferno = [
        0x000004, 0x0B0724, 0x210C4A, 0x3C0965, 0x57106D, 0x70196E, 0x89226A, 0xA32B61, 0xBB3755,
        0xD14644, 0xE35932, 0xF1711E, 0xF98D0A, 0xFCAB0F, 0xF9CA32, 0xF2E865, 0xFCFFA4,
    ].map { Colour($0) }

    private static let blueToRed = [0x2B83BA, 0xABDDA4, 0xFFFFBF, 0xFDAE61, 0xD7191C].map { Colour($0) }
}

/// The characters of the fixed font "10x20" of X.Org, which its makers put into the public domain.
///
/// A built-in font keeps libgd, its font files and the image and video decoders it depends on off a beamline machine.
enum BitmapFont {
    static let width = 10
    static let height = 20

    /// The set pixels of a character; one outside of ASCII is shown as a question mark.
    static func pixels(of character: Character) -> [(row: Int, column: Int)] {
        let code = Int(character.asciiValue.map { (32..<127).contains($0) ? $0 : 63 } ?? 63)
        let first = (code - 32) * width * height
        return (0..<width * height).compactMap { pixel in
            let bit = first + pixel
            guard bit / 8 < bits.count, bits[bit / 8] & 0x80 >> UInt8(bit % 8) != 0 else { return nil }
            return (pixel / width, pixel % width)
        }
    }

    /// From the space on, row by row, the leftmost pixel in the highest bit, in base 64.
    private static let bits = [UInt8](
        Data(
            base64Encoded: """
                AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwDAMAwDAMAwDAMAwAAMAwAAAAAAAAAAAAzDMMwSAAAAAAAAAAAAAAAAAAAAAAAAAAAAAN\
                g2DY/xsGwbH+Ng2DYAAAAAAAAAAAAAAwPxtmwbBsD8DYNg2bY/AwAAAAAAAAAAAAADmbZvDsBgGAwDAbh7NszgAAAAAAAAAAAHA2DYNg8BgO\
                BsGbY5jHePMAAAAAAAAAAAAwDAMAwCAAAAAAAAAAAAAAAAAAAAAAAAAADAYDAMBgGAYBgGAMAwBgDAAAAAAAAAAAAMAYAwDAGAYBgGAYDAMB\
                gMAAAAAAAAAAAAAAAAADMMweH+HgzDMAAAAAAAAAAAAAAAAAAAAAAMAwDB/gwDAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4DgcAAAA\
                AAAAAAAAAAAAAAAAH+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4DgOAAAAAAAAAAAAAABgGAwDAYBgMAwGAYDAMAAAAAAAAAAAAAw\
                HgzDMYZhmGYZhjMMweAwAAAAAAAAAAAAMBwPBsAwDAMAwDAMAwDB/gAAAAAAAAAAAHgzGGYYBgGAwOBgMBgGAf4AAAAAAAAAAAB4MxhmGAYD\
                A4AwBmGYYzB4AAAAAAAAAAAABAMBwPBsMxjGMf4DAMAwDAAAAAAAAAAAAf5gGAYBgG4cwBgGAZhjMHgAAAAAAAAAAAB4MxhGAYBuHMYZhmGY\
                YzB4AAAAAAAAAAAB/gGAYDAMBgGAwDAYBgMAwAAAAAAAAAAAAHgzGGYZhjMHgzGGYZhjMHgAAAAAAAAAAAB4MxhmGYZhjOHYBgGIYzB4AAAA\
                AAAAAAAAAAAAAAAADgOAAAAAAADgOAAAAAAAAAAAAAAAAAAAAA4DgAAAAAAA4DgcAAAAAAAAAAAEAwGAwGAwGAMAYAwBgDAEAAAAAAAAAAAA\
                AAAAAAH+AAAAAAB/gAAAAAAAAAAAAAAAAIAwBgDAGAMAYDAYDAYDAIAAAAAAAAAAAAB4MxhmGYYDAYDAMAwAAMAwAAAAAAAAAAAAeDMYZnm+\
                bZtm2bxmGAMYfAAAAAAAAAAAADAeDMMxhmGYZ/mGYZhmGYYAAAAAAAAAAAHwZhjGMYxmH4YxhmGYZjH4AAAAAAAAAAAAeDMYZgGAYBgGAYBg\
                GGMweAAAAAAAAAAAAfhjGGYZhmGYZhmGYZhmMfgAAAAAAAAAAAH+YBgGAYBgH4YBgGAYBgH+AAAAAAAAAAAB/mAYBgGAYB+GAYBgGAYBgAAA\
                AAAAAAAAAHgzGGYBgGAZ5hmGYZhjOHoAAAAAAAAAAAGGYZhmGYZhn+YZhmGYZhmGAAAAAAAAAAAB/gwDAMAwDAMAwDAMAwDB/gAAAAAAAAAA\
                AD8DAMAwDAMAwDAMYxjDYHAAAAAAAAAAAAGGYZjGMZhmHwZhmGMYxhmGAAAAAAAAAAABgGAYBgGAYBgGAYBgGAYB/gAAAAAAAAAAAYZhnOc5\
                /m2bZtm2YZhmGYYAAAAAAAAAAAGGcZxnmeZtm2Z5nmOY5hmGAAAAAAAAAAAAeDMYZhmGYZhmGYZhmGMweAAAAAAAAAAAAfhjGGYZhmGYx+GA\
                YBgGAYAAAAAAAAAAAAB4MxhmGYZhmGYZhm2Z4zB8AYAAAAAAAAAB+GMYZhmGYZjH4ZhjGMYZhgAAAAAAAAAAAHgzGGYBgDAHgDAGAZhjMHgA\
                AAAAAAAAAAH+DAMAwDAMAwDAMAwDAMAwAAAAAAAAAAABhmGYZhmGYZhmGYZhmGMweAAAAAAAAAAAAYZhmGYYzDMMweB4HgMAwDAAAAAAAAAA\
                AAGGYZhmGYZtm2bZtnOc5hmGAAAAAAAAAAABhmGMwzB4HgMB4HgzDMYZhgAAAAAAAAAAAYZhjMMweB4DAMAwDAMAwDAAAAAAAAAAAAH+AYBg\
                MBgGAwGAYDAYBgH+AAAAAAAAAAAA/DAMAwDAMAwDAMAwDAMA/AAAAAAAAAAAAAAwDAGAYAwDAGAYAwDAGAYAAAAAAAAAAAD8AwDAMAwDAMAw\
                DAMAwDD8AAAAAAAAAAAAMB4MxhgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB/wAAAAAAAAABgDAGAAAAAAAAAAAAAAAAA\
                AAAAAAAAAAAAAAAAAAAAHwxgGP5hmGYY+gAAAAAAAAAAAYBgGAYBgG4cxhmGYZhnMbgAAAAAAAAAAAAAAAAAAAAfDGYBgGAYAxh8AAAAAAAA\
                AAAABgGAYBgGHYzmGYZhmGM4dgAAAAAAAAAAAAAAAAAAAB4Mxhn+YBgDGHwAAAAAAAAAAAA8GYZhgGB+BgGAYBgGAYBgAAAAAAAAAAAAAAAA\
                AAAAPpjmMYxjD4YA/GGYZhj8AAAAAYBgGAYBgG4cxhmGYZhmGYYAAAAAAAAAAAAAAAMAwAA8AwDAMAwDAMH+AAAAAAAAAAAAAAAAYBgAB4Bg\
                GAYBgGAYBjGMYxh8AAAAAYBgGAYBgGMZhsHgfBmGMYYAAAAAAAAAAADwDAMAwDAMAwDAMAwDAMH+AAAAAAAAAAAAAAAAAAAAWx/m2bZtm2bZ\
                tgAAAAAAAAAAAAAAAAAAAG4cxhmGYZhmGYYAAAAAAAAAAAAAAAAAAAAeDMYZhmGYYzB4AAAAAAAAAAAAAAAAAAAAbhzGGYZhmGcxuGAYBgGA\
                AAAAAAAAAAAAAB2M5hmGYZhjOHYBgGAYBgAAAAAAAAAAAABvDmMAwDAMAwDAAAAAAAAAAAAAAAAAAAAAPxhmAPwBgGYY/AAAAAAAAAAAAAAA\
                BgGAYH4GAYBgGAYBmDwAAAAAAAAAAAAAAAAAAABhmGYZhmGYYzh2AAAAAAAAAAAAAAAAAAAAYZhjMMweB4DAMAAAAAAAAAAAAAAAAAAAAGGY\
                Zhm2bZtn+MwAAAAAAAAAAAAAAAAAAABhjMHgMAwHgzGGAAAAAAAAAAAAAAAAAAAAYZhmGYZhmGM4dgGYYzB4AAAAAAAAAAAAAD+AYDAYDAYD\
                AP4AAAAAAAAAAAAeDAMAwDAMHgDAMAwDAMAeAAAAAAAAAAAAMAwDAMAwDAMAwDAMAwDAMAAAAAAAAAAAAeAMAwDAMAwB4MAwDAMAweAAAAAA\
                AAAAAADmbZnAAAAAAAAAAAAAAAAAAAAAAAA=
                """) ?? Data())
}
