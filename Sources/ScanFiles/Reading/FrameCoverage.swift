internal import Foundation
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

/// One mapping of a virtual dataset over images, as runs of consecutive frames.
struct VirtualPart {
    /// Frames of the virtual dataset and the first of the source's frames that go there.
    struct Run: Equatable {
        var frames: Range<Int>
        var firstSourceFrame: Int
    }

    /// In the order of the frames.
    var runs: [Run] = []
    /// Where the rectangle of each frame comes from.
    var tile: Tile

    /// - Parameters:
    ///   - extents: of the virtual dataset.
    ///   - sourceExtents: of the source as it is.
    /// - Returns: `nil` where the two selections do not have the same form, frame for frame and pixel for pixel.
    init?(_ mapping: HDF5VirtualSource, onto extents: [Int], from sourceExtents: [Int]) {
        let whole = { (extents: [Int]) in extents.map { LineSelection(0..<$0) } }
        guard let target = Self.axes(mapping.target ?? whole(extents), of: extents),
            let source = Self.axes(mapping.source ?? whole(sourceExtents), of: sourceExtents),
            target.rows.count == source.rows.count, target.columns.count == source.columns.count
        else { return nil }
        tile = Tile(
            rows: target.rows, columns: target.columns, firstSourceRow: source.rows.lowerBound,
            firstSourceColumn: source.columns.lowerBound)
        runs = Self.runs(target.frames, source.frames)
        // A source with a limit of its own must have as many frames as there is room for.
        guard
            mapping.source?.contains(where: \.isUnlimited) ?? true
                || Self.count(target.frames) == Self.count(source.frames)
        else { return nil }
        let left = Self.count(target.frames) - runs.reduce(0) { $0 + $1.frames.count }
        if left > 0 { addRunsWithoutSource(target.frames, sourceEnd: source.frames.last?.upperBound ?? 0) }
    }

    /// The lines of an image stack that selections take: runs of frames, one stretch of rows and one of columns.
    private static func axes(
        _ selections: [LineSelection], of extents: [Int]
    ) -> (frames: [Range<Int>], rows: Range<Int>, columns: Range<Int>)? {
        guard selections.count == extents.count, [2, 3].contains(selections.count) else { return nil }
        let lines = zip(selections, extents).map { $0.runs(within: $1) }
        let (rows, columns) = (lines[lines.count - 2], lines[lines.count - 1])
        guard rows.count == 1, columns.count == 1 else { return nil }
        return (lines.count == 3 ? lines[0] : [0..<1], rows[0], columns[0])
    }

    private static func count(_ runs: [Range<Int>]) -> Int { runs.reduce(0) { $0 + $1.count } }

    /// The n-th frame of the one for the n-th frame of the other, as far as both go.
    private static func runs(_ targets: [Range<Int>], _ sources: [Range<Int>]) -> [Run] {
        var runs: [Run] = []
        var (targets, sources) = (targets[...], sources[...])
        while let target = targets.first, let source = sources.first {
            let count = min(target.count, source.count)
            runs.append(
                Run(frames: target.lowerBound..<target.lowerBound + count, firstSourceFrame: source.lowerBound))
            targets[targets.startIndex] = target.dropFirst(count)
            sources[sources.startIndex] = source.dropFirst(count)
            if target.count == count { targets.removeFirst() }
            if source.count == count { sources.removeFirst() }
        }
        return runs
    }

    /// Frames for which the source would have to be longer: it is then found too short.
    private mutating func addRunsWithoutSource(_ targets: [Range<Int>], sourceEnd: Int) {
        var done = runs.reduce(0) { $0 + $1.frames.count }
        var next = sourceEnd
        for target in targets {
            let rest = target.dropFirst(done)
            done -= min(done, target.count)
            guard !rest.isEmpty else { continue }
            runs.append(Run(frames: rest, firstSourceFrame: next))
            next += rest.count
        }
    }
}

extension Range<Int> {
    fileprivate func dropFirst(_ count: Int) -> Range<Int> { Swift.min(lowerBound + count, upperBound)..<upperBound }
}

/// A file that holds frames, as it was when the scan was looked at.
public struct SourceFile: Hashable, Sendable {
    public let path: String
    /// Bytes.
    public let size: Int
    /// Seconds since 1970.
    public let modificationTime: Double
    /// Tells a file from another one that took its name.
    private let inode: UInt64

    /// - Throws: ``ScanFileError`` when there is no such file.
    public init(_ path: String) throws(ScanFileError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ScanFileError(
                path: path, problem: errno == ENOENT ? "no such file" : String(cString: strerror(errno)))
        }
        self.path = path
        size = Int(status.st_size)
        modificationTime = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
        inode = UInt64(status.st_ino)
    }

    /// True when a path leads to this very file, by whatever name.
    public func isFile(at other: String) -> Bool {
        var (own, status) = (stat(), stat())
        return stat(path, &own) == 0 && stat(other, &status) == 0
            && own.st_dev == status.st_dev && own.st_ino == status.st_ino
    }

    /// - Throws: ``ScanFileError`` when the file has vanished, was replaced or was written to since.
    public func verifyUnchanged() throws(ScanFileError) {
        guard try SourceFile(path) == self else {
            throw ScanFileError(path: path, problem: "changed while it was being read")
        }
    }
}

/// A number that changes when any of the given facts changes: 64-bit FNV-1a, in hexadecimal.
func fingerprint(of facts: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in facts.joined(separator: "\n").utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
