internal import Foundation
internal import Synchronization

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

/// The voxels of an output file and what they are.
private struct StoredVolume: Sendable {
    let frames: Int
    let rows: Int
    let columns: Int
    private let data: StoredFrameReader
    private let inpainted: StoredFrameReader
    private let unusable: StoredFrameReader
    private let threads: Int

    /// One frame of them.
    struct Voxels {
        let rows: Int
        let columns: Int
        let data: StoredFrame
        let inpainted: StoredFrame
        let unusable: StoredFrame

        func voxel(row: Int, column: Int) -> (value: Float, origin: PreviewSection.Origin) {
            let pixel = row * columns + column
            let origin: PreviewSection.Origin =
                unusable[pixel] != 0 ? .unusable : inpainted[pixel] != 0 ? .inpainted : .measured
            return (data[pixel], origin)
        }

        /// The brightest place, as the smallest count of two by two pixels tells: no single hot pixel passes for a peak.
        func brightest() -> (value: Float, row: Int, column: Int) {
            var best = (value: Float(0), row: rows / 2, column: columns / 2)
            for row in 0..<rows - 1 {
                for column in 0..<columns - 1 {
                    let pixel = row * columns + column
                    guard data[pixel] > best.value else { continue }
                    let corners = [pixel, pixel + 1, pixel + columns, pixel + columns + 1]
                    let value = corners.map { unusable[$0] != 0 ? 0 : data[$0] }.min() ?? 0
                    if value > best.value { best = (value, row, column) }
                }
            }
            return best
        }
    }

    init(_ file: HDF5File, threads: Int) throws(HDF5Failure) {
        let group = try file.root
        func dataset(_ name: String) throws(HDF5Failure) -> HDF5Dataset {
            guard let dataset = try group.open("entry/data/\(name)").dataset else {
                throw HDF5Failure("open \(name)", reason: "not a dataset")
            }
            return dataset
        }
        let data = try dataset("data")
        guard data.shape.count == 3, data.count > 0 else {
            throw HDF5Failure("show \(data.path)", reason: "expected a volume, found the shape \(data.shape)")
        }
        (frames, rows, columns) = (data.shape[0], data.shape[1], data.shape[2])
        self.data = try StoredFrameReader(data)
        inpainted = try StoredFrameReader(dataset("inpainted"))
        unusable = try StoredFrameReader(dataset("data_mask"))
        self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    }

    func voxels(ofFrame frame: Int) throws(HDF5Failure) -> Voxels {
        Voxels(
            rows: rows, columns: columns, data: try data.frame(frame), inpainted: try inpainted.frame(frame),
            unusable: try unusable.frame(frame))
    }

    /// Looks at the given frames on several threads.
    func map<Value: Sendable>(
        _ frames: [Int], _ look: @Sendable (Voxels) -> Value
    ) throws(HDF5Failure) -> [Value] {
        let found = Mutex<[Value]>([])
        try inOrder(count: frames.count, workers: min(threads, 16)) { _, item in
            Result { () throws(HDF5Failure) in look(try voxels(ofFrame: frames[item])) }
        } commit: { _, value throws(HDF5Failure) in
            let value = try value.get()
            found.withLock { $0.append(value) }
        }
        return found.withLock { $0 }
    }

    /// The brightest voxel: of some thirty frames at even distances first, then of those near the brightest of these.
    func peak() throws(HDF5Failure) -> (frame: Int, row: Int, column: Int) {
        let step = max(1, frames / 32)
        let coarse = try brightest(of: Array(stride(from: step / 2, to: frames, by: step)))
        let near = max(0, coarse.frame - step + 1)..<min(frames, coarse.frame + step)
        return step == 1 ? coarse : try brightest(of: Array(near))
    }

    private func brightest(of frames: [Int]) throws(HDF5Failure) -> (frame: Int, row: Int, column: Int) {
        let places = try map(frames) { $0.brightest() }
        let best = places.indices.max { places[$0].value < places[$1].value } ?? 0
        return (frames[best], places[best].row, places[best].column)
    }
}
