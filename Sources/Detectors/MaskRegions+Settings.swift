internal import Settings
internal import Volume

extension SettingsValue {
    /// Lines and rectangles as Python writes them, counted from 0 and half-open: `rows: [12, 255:261]`,
    /// `blocks: ["0:257, 72:80"]`, `pixels: ["12, 45"]`.
    ///
    /// - Parameter shape: the image; one of no pixels is not known yet, and then nothing is out of it.
    func regions(in shape: FrameShape) throws(SettingsError) -> MaskRegions {
        let rowCount = shape.count > 0 ? shape.rows : Int.max
        let columnCount = shape.count > 0 ? shape.columns : Int.max
        return try mapping { (keys) throws(SettingsError) in
            var regions = MaskRegions()
            for value in try keys["rows"]?.list() ?? [] {
                regions.rows.append(try value.lines(of: "row", count: rowCount))
            }
            for value in try keys["columns"]?.list() ?? [] {
                regions.columns.append(try value.lines(of: "column", count: columnCount))
            }
            for key in ["blocks", "pixels"] {
                for value in try keys[key]?.list() ?? [] {
                    let parts = try value.string().split(separator: ",", omittingEmptySubsequences: false)
                    guard parts.count == 2 else { throw value.error("expected “rows, columns”, e.g. 0:257, 72:80") }
                    let block = MaskRegions.Block(
                        rows: try value.lines(parts[0], of: "row", count: rowCount),
                        columns: try value.lines(parts[1], of: "column", count: columnCount)
                    )
                    guard key == "blocks" || block.rows.count * block.columns.count == 1 else {
                        throw value.error("expected one pixel, e.g. 12, 45; use “blocks” for more")
                    }
                    regions.blocks.append(block)
                }
            }
            return regions
        }
    }

    private func lines(of axis: String, count: Int) throws(SettingsError) -> Range<Int> {
        try lines(try string()[...], of: axis, count: count)
    }

    /// `12` or `255:261`.
    private func lines(_ text: Substring, of axis: String, count: Int) throws(SettingsError) -> Range<Int> {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let bounds = parts.compactMap { Int($0.filter { $0 != " " }) }
        guard let first = bounds.first, let last = bounds.last, bounds.count == parts.count, bounds.count <= 2 else {
            throw error("“\(text)” is neither a \(axis), e.g. 12, nor several, e.g. 255:261")
        }
        guard first >= 0, bounds.count == 1 || first < last else { throw error("“\(text)” holds no \(axis)") }
        guard bounds.count == 1 ? last < count : last <= count else {
            throw error("“\(text)” lies outside of the \(count) \(axis)s of the image")
        }
        return first..<(bounds.count == 1 ? last + 1 : last)
    }
}
