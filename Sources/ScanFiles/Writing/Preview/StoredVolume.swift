internal import Foundation
internal import Synchronization

/// The voxels of an output file and what they are.
struct StoredVolume: Sendable {
    let frames: Int
    let rows: Int
    let columns: Int
    private let data: StoredFrameReader
    private let inpainted: StoredFrameReader
    private let unusable: StoredFrameReader
    private let errors: StoredFrameReader
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

        /// The most counts, at least 1.
        var maximum: Double {
            var most = 1.0
            for pixel in 0..<rows * columns where data[pixel] > Float(most) && unusable[pixel] == 0 {
                most = data.value(pixel)
            }
            return most
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
        errors = try StoredFrameReader(dataset("data_errors"))
        self.threads = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    }

    func voxels(ofFrame frame: Int) throws(HDF5Failure) -> Voxels {
        Voxels(
            rows: rows, columns: columns, data: try data.frame(frame), inpainted: try inpainted.frame(frame),
            unusable: try unusable.frame(frame))
    }

    /// The standard uncertainties of a frame's voxels.
    func uncertainties(ofFrame frame: Int) throws(HDF5Failure) -> StoredFrame { try errors.frame(frame) }

    /// Looks at the voxels of the given frames on several threads.
    func map<Value: Sendable>(
        _ frames: [Int], _ look: @Sendable (Voxels) -> Value
    ) throws(HDF5Failure) -> [Value] {
        try mapFrames(frames) { frame throws(HDF5Failure) in look(try voxels(ofFrame: frame)) }
    }

    /// Looks at the given frames on several threads.
    func mapFrames<Value: Sendable>(
        _ frames: [Int], _ look: @Sendable (_ frame: Int) throws(HDF5Failure) -> Value
    ) throws(HDF5Failure) -> [Value] {
        let found = Mutex<[Value]>([])
        try inOrder(count: frames.count, workers: min(threads, 16)) { _, item in
            Result { () throws(HDF5Failure) in try look(frames[item]) }
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
