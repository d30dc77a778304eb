internal import Volume

/// Which frames and pixels of a stack have a source.
///
/// HDF5 makes zeros of the rest without a word. Pixels that no frame has are spaces between modules, or a module that
/// was off: they were not recorded, and the scan stands without them. A frame that lacks what others have is at fault.
struct FrameCoverage {
    /// Pixels without a source in any frame.
    private(set) var unrecorded: PixelMask?
    /// Frames of which nothing is mapped.
    private var unmapped: [Int] = []
    /// Frames that lack pixels which others have, and the first such pixel.
    private var partial: [(frame: Int, row: Int, column: Int)] = []

    /// - Parameter faults: frames that are known to lack something, so that it need not be said twice.
    init(of segments: [FrameSegment], frames: Int, frame: FrameShape, faults: [FrameFault]) {
        var isFaulty = [Bool](repeating: false, count: frames)
        for fault in faults { for frame in fault.frames.clamped(to: 0..<frames) { isFaulty[frame] = true } }

        guard segments.contains(where: { !$0.tile.isWhole(of: frame) }) else {
            for segment in segments { for frame in segment.frames { isFaulty[frame] = true } }
            unmapped = isFaulty.indices.filter { !isFaulty[$0] }
            return
        }
        let groups = Self.groups(of: segments, frames: frames)
        unmapped = (groups[[]] ?? []).filter { !isFaulty[$0] }
        let holes = groups.filter { !$0.key.isEmpty }.map {
            (hole: Self.hole(in: frame, outside: $0.key), frames: $0.value)
        }
        guard var common = holes.first?.hole else { return }
        for (hole, _) in holes {
            for pixel in common.storage.indices where !hole.storage[pixel] { common.storage[pixel] = false }
        }
        for (hole, frames) in holes where hole != common {
            let pixel = hole.storage.indices.first { hole.storage[$0] && !common.storage[$0] } ?? 0
            partial += frames.filter { !isFaulty[$0] }
                .map { ($0, pixel / frame.columns, pixel % frame.columns) }
        }
        partial.sort { $0.frame < $1.frame }
        unrecorded = common.maskedCount > 0 ? common : nil
    }

    /// A rectangle of the frame.
    private struct Rectangle: Hashable {
        var rows: Range<Int>
        var columns: Range<Int>
    }

    /// The frames by what is mapped onto them.
    private static func groups(of segments: [FrameSegment], frames: Int) -> [Set<Rectangle>: [Int]] {
        var mapped = [Set<Rectangle>](repeating: [], count: frames)
        for segment in segments {
            let rectangle = Rectangle(rows: segment.tile.rows, columns: segment.tile.columns)
            for frame in segment.frames { mapped[frame].insert(rectangle) }
        }
        return Dictionary(grouping: mapped.indices) { mapped[$0] }
    }

    private static func hole(in frame: FrameShape, outside rectangles: Set<Rectangle>) -> PixelMask {
        var mapped = PixelMask(shape: frame)
        for rectangle in rectangles { mapped.mask(rows: rectangle.rows, columns: rectangle.columns) }
        return PixelMask(shape: frame, storage: mapped.storage.map { !$0 })
    }

    /// The frames at fault, in runs.
    func faults(of dataset: HDF5Dataset) -> [FrameFault] {
        let fault = { (frames: Range<Int>, words: String) in
            let which =
                frames.count == 1
                ? "frame \(frames.lowerBound)" : "frames \(frames.lowerBound) to \(frames.upperBound - 1)"
            return FrameFault(
                frames: frames, kind: .unwritten,
                error: ScanFileError(
                    path: dataset.file.path, dataset: dataset.path,
                    problem: "no source is mapped onto \(words)\(which)"))
        }
        let lacking = partial.first.map { "row \($0.row), column \($0.column) and others of " } ?? ""
        return Self.runs(unmapped).map { fault($0, "") } + Self.runs(partial.map(\.frame)).map { fault($0, lacking) }
    }

    /// Ascending numbers as ranges.
    private static func runs(_ numbers: [Int]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound == number {
                runs[runs.count - 1] = last.lowerBound..<number + 1
            } else {
                runs.append(number..<number + 1)
            }
        }
        return runs
    }
}
