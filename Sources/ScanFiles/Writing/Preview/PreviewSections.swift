internal import Foundation

/// A section through an output file, (vertical, horizontal).
struct PreviewSection: Sendable {
    /// What the value of a voxel is.
    enum Origin: UInt8, Sendable {
        case measured, inpainted, unusable
    }

    let rows: Int
    let columns: Int
    var values: [Float]
    var origins: [Origin]

    init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        values = [Float](repeating: 0, count: rows * columns)
        origins = [Origin](repeating: .measured, count: rows * columns)
    }

    /// The most counts of its voxels, at least 1.
    var maximum: Float {
        zip(values, origins).reduce(1) { $1.1 == .unusable || !($1.0 > $0) ? $0 : $1.0 }
    }

    fileprivate mutating func set(_ row: Int, _ column: Int, _ voxel: (value: Float, origin: Origin)) {
        values[row * columns + column] = voxel.value
        origins[row * columns + column] = voxel.origin
    }
}

/// Three sections through the brightest voxel of an output file, cropped around it.
struct PreviewSections: Sendable {
    /// (frame, row, column) of the brightest voxel.
    let peak: (frame: Int, row: Int, column: Int)
    /// What is shown of each axis.
    let frames: Range<Int>
    let rows: Range<Int>
    let columns: Range<Int>

    /// (row, column) at the peak's frame.
    private(set) var frameSection: PreviewSection
    /// (row, frame) at the peak's column.
    private(set) var columnSection: PreviewSection
    /// (frame, column) at the peak's row.
    private(set) var rowSection: PreviewSection

    /// - Parameter window: the most voxels that are shown of an axis.
    init(readingFrom path: String, window: Int, threads: Int) throws(ScanFileError) {
        let file = try HDF5File(readingFrom: path)
        do throws(HDF5Failure) {
            let scan = try StoredVolume(file, threads: threads)
            peak = try scan.peak()
            frames = Self.range(around: peak.frame, size: window, limit: scan.frames)
            rows = Self.range(around: peak.row, size: window, limit: scan.rows)
            columns = Self.range(around: peak.column, size: window, limit: scan.columns)

            frameSection = PreviewSection(rows: rows.count, columns: columns.count)
            columnSection = PreviewSection(rows: rows.count, columns: frames.count)
            rowSection = PreviewSection(rows: frames.count, columns: columns.count)
            let (peak, rows, columns) = (peak, rows, columns)
            let lines = try scan.map(Array(frames)) { voxels in
                (
                    column: rows.map { voxels.voxel(row: $0, column: peak.column) },
                    row: columns.map { voxels.voxel(row: peak.row, column: $0) }
                )
            }
            for (frame, line) in lines.enumerated() {
                for (row, voxel) in line.column.enumerated() { columnSection.set(row, frame, voxel) }
                for (column, voxel) in line.row.enumerated() { rowSection.set(frame, column, voxel) }
            }
            let image = try scan.voxels(ofFrame: peak.frame)
            for (row, line) in rows.enumerated() {
                for (column, pixel) in columns.enumerated() {
                    frameSection.set(row, column, image.voxel(row: line, column: pixel))
                }
            }
        } catch {
            throw ScanFileError(path: path, problem: "cannot be shown: \(error)")
        }
    }

    private static func range(around centre: Int, size: Int, limit: Int) -> Range<Int> {
        let count = min(size, limit)
        let start = min(max(0, centre - count / 2), limit - count)
        return start..<start + count
    }
}
