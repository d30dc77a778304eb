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

/// Colours from black over red to light yellow, of evenly growing lightness: matplotlib's "inferno" (CC0).
enum ColourMap {
    /// The colour of a value from 0 to 1.
    static func colour(_ value: Float) -> Colour {
        let position = min(max(value, 0), 1) * Float(anchors.count - 1)
        let index = min(Int(position), anchors.count - 2)
        return Colour(anchors[index], anchors[index + 1], fraction: position - Float(index))
    }

    private static let anchors = [
        0x000004, 0x0B0724, 0x210C4A, 0x3C0965, 0x57106D, 0x70196E, 0x89226A, 0xA32B61, 0xBB3755,
        0xD14644, 0xE35932, 0xF1711E, 0xF98D0A, 0xFCAB0F, 0xF9CA32, 0xF2E865, 0xFCFFA4,
    ].map { Colour($0) }
}
