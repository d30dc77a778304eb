internal import Detectors
public import Volume

/// The gaps of a frame, each told from the others, (slow = row, fast = column).
///
/// A band of wholly masked rows or columns is one gap; where two cross, the pixels count for the wider. What else is
/// masked falls into its connected parts: long ones are gaps of their own, the others are taken together by their width.
public struct GapRegions: Sendable {
    /// One gap, or all small ones of a width.
    public struct Region: Sendable, Equatable {
        /// For people, e.g. “rows 254:260”.
        public var name: String
        /// `row` or `column` for a band; `nil` for any other form.
        public var axis: String?
        /// The lines of a band.
        public var lines: Range<Int>?
        /// The least number of pixels between measured ones, along a row or a column, at the widest place.
        public var width: Int
    }

    public let regions: [Region]
    /// For each pixel, row-major, the number of its region; `regions.count` where no region was masked.
    let labels: [Int32]

    /// A part with fewer pixels is no gap of its own.
    private static let leastPixels = 64
    /// Beyond so many, further parts are taken together by their width.
    private static let mostParts = 64

    /// - Parameter mask: what is masked in every frame.
    public init(mask: PixelMask) {
        var regions: [Region] = []
        var labels = [Int32](repeating: -1, count: mask.shape.count)
        let columns = mask.shape.columns
        for band in mask.bands.sorted(by: { $0.width < $1.width }) {
            let label = Int32(regions.count)
            regions.append(
                Region(name: "\(band)", axis: band.axis.rawValue, lines: band.range, width: band.width))
            for line in band.range {
                switch band.axis {
                case .row: for column in 0..<columns { labels[line * columns + column] = label }
                case .column: for row in 0..<mask.shape.rows { labels[row * columns + line] = label }
                }
            }
        }
        Self.labelRest(of: mask, regions: &regions, labels: &labels)
        self.regions = regions
        let none = Int32(regions.count)
        self.labels = labels.map { $0 < 0 ? none : $0 }
    }

    private static func labelRest(of mask: PixelMask, regions: inout [Region], labels: inout [Int32]) {
        let widths = widths(of: mask)
        var spots: [Int: Int] = [:]
        var parts = 0
        for start in labels.indices where mask.storage[start] && labels[start] < 0 {
            let pixels = part(of: mask, from: start, labels: &labels, marking: .max)
            let width = pixels.reduce(0) { max($0, widths[$1]) }
            let label: Int
            if pixels.count >= leastPixels, pixels.count >= 4 * width, parts < mostParts {
                parts += 1
                label = regions.count
                let (row, column) = (pixels[0] / mask.shape.columns, pixels[0] % mask.shape.columns)
                regions.append(Region(name: "part at row \(row), column \(column)", width: width))
            } else if let known = spots[width] {
                label = known
            } else {
                label = regions.count
                spots[width] = label
                regions.append(Region(name: "spots", width: width))
            }
            for pixel in pixels { labels[pixel] = Int32(label) }
        }
    }

    /// The pixels that hang together with one that has no label yet.
    private static func part(
        of mask: PixelMask, from start: Int, labels: inout [Int32], marking mark: Int32
    ) -> [Int] {
        let (rows, columns) = (mask.shape.rows, mask.shape.columns)
        var found = [start]
        labels[start] = mark
        var next = 0
        while next < found.count {
            let pixel = found[next]
            next += 1
            let (row, column) = (pixel / columns, pixel % columns)
            for (other, isInside) in [
                (pixel - columns, row > 0), (pixel + columns, row + 1 < rows), (pixel - 1, column > 0),
                (pixel + 1, column + 1 < columns),
            ] where isInside && mask.storage[other] && labels[other] < 0 {
                labels[other] = mark
                found.append(other)
            }
        }
        return found
    }

    /// For each masked pixel the shorter of the masked runs along its row and its column.
    private static func widths(of mask: PixelMask) -> [Int] {
        let (rows, columns) = (mask.shape.rows, mask.shape.columns)
        var widths = [Int](repeating: .max, count: mask.shape.count)
        func measure(lines: Int, length: Int, pixel: (Int, Int) -> Int) {
            for line in 0..<lines {
                var start = 0
                while start < length {
                    var end = start
                    while end < length, mask.storage[pixel(line, end)] { end += 1 }
                    for place in start..<end {
                        widths[pixel(line, place)] = min(widths[pixel(line, place)], end - start)
                    }
                    start = max(end, start) + 1
                }
            }
        }
        measure(lines: rows, length: columns) { $0 * columns + $1 }
        measure(lines: columns, length: rows) { $1 * columns + $0 }
        return widths
    }
}
