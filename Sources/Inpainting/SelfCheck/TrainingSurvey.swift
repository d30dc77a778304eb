internal import Detectors
internal import Foundation
internal import Volume

/// Finds, while a scan passes by, the parts without a gap from which a network can learn what this scan looks like.
///
/// Counts are added up in cells, of which the parts are made. Parts may lie beside a gap and overlap by up to a half.
/// Source: Masto et al. 2024, section 2.7, where they are drawn at random.
struct TrainingSurvey: Sendable {
    /// The extent of a cell along each axis.
    static let cell = 8
    /// Extents of the parts in cells: of the tiles in which scans are filled, and of what the network sees at least, where
    /// there are too few of the first.
    private static let extents = [6, 4]
    private static let fewest = 8
    /// A part has at least one voxel with a count among so many.
    private static let voxelsPerCount = 10
    /// The distance from the nearest gap, in pixels, at which a part counts for half.
    private static let reach = 48.0

    private struct Cell: Sendable {
        var counts = 0.0
        /// Voxels with at least one count.
        var signal = 0

        static func += (left: inout Cell, right: Cell) {
            left.counts += right.counts
            left.signal += right.signal
        }

        static func -= (left: inout Cell, right: Cell) {
            left.counts -= right.counts
            left.signal -= right.signal
        }
    }

    private let mask: PixelMask
    private let bands: [GapBand]
    /// Cells along (frame, row, column).
    private let grid: VolumeShape
    private var cells: [Cell]
    /// Whether a pixel is missing in a cell, (row, column).
    private let isMasked: [Bool]

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps.
    ///   - shape: of the scan.
    init(mask: PixelMask, bands: [GapBand], shape: VolumeShape) {
        self.mask = mask
        self.bands = bands
        let grid = VolumeShape(
            frames: shape.frames / Self.cell, rows: shape.rows / Self.cell, columns: shape.columns / Self.cell)
        self.grid = grid
        cells = [Cell](repeating: Cell(), count: grid.count)
        isMasked = (0..<grid.frame.count).map { place in
            mask.cropped(
                rows: Self.voxels(place / grid.columns, 1), columns: Self.voxels(place % grid.columns, 1)
            ).maskedCount > 0
        }
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    mutating func add(_ data: Volume<Float>, firstFrame: Int) {
        for frame in 0..<data.shape.frames where (firstFrame + frame) / Self.cell < grid.frames {
            let layer = (firstFrame + frame) / Self.cell * grid.rows
            let seen = concurrentMap(0..<grid.rows) { row in cells(of: row, frame: frame, data) }
            for (row, line) in seen.enumerated() {
                for (column, cell) in line.enumerated() { cells[(layer + row) * grid.columns + column] += cell }
            }
        }
    }

    /// What one frame adds to a line of cells.
    private func cells(of row: Int, frame: Int, _ data: Volume<Float>) -> [Cell] {
        (0..<grid.columns).map { column in
            var sums = SIMD8<Float>()
            var signal = SIMD8<Int32>()
            for line in row * Self.cell..<(row + 1) * Self.cell {
                let base = data.rowBase(frame: frame, row: line) + column * Self.cell
                var counts = data.storage.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: base * MemoryLayout<Float>.size, as: SIMD8<Float>.self)
                }
                if isMasked[row * grid.columns + column] {
                    // A dead pixel may hold anything.
                    for pixel in counts.indices where mask[line, column * Self.cell + pixel] { counts[pixel] = 0 }
                }
                sums += counts
                signal.replace(with: signal &+ 1, where: counts .>= 1)
            }
            return Cell(counts: Double(sums.sum()), signal: Int(signal.wrappedSum()))
        }
    }

    /// Some parts without a gap and with signal, the brightest and nearest to a gap most likely, in no case one that
    /// shares a voxel with any of the given boxes.
    func draw(atMost limit: Int, apartFrom taken: [VoxelBox], seed: UInt64) -> [VoxelBox] {
        let sums = boxSums
        let draws = Self.extents.lazy.map { extent in
            let ranked = ranked(extent: extent, sums: sums, apartFrom: taken, seed: seed)
            var drawn: [VoxelBox] = []
            for box in ranked where drawn.count < limit {
                let overlapsALot = drawn.contains { 2 * $0.sharedVoxels(box) > box.shape.count }
                if !overlapsALot { drawn.append(box) }
            }
            return drawn
        }
        return draws.first { $0.count >= Self.fewest } ?? draws.max { $0.count < $1.count } ?? []
    }

    private func ranked(extent: Int, sums: [Cell], apartFrom taken: [VoxelBox], seed: UInt64) -> [VoxelBox] {
        let extents = VolumeShape(frames: min(extent, grid.frames), rows: extent, columns: extent)
        guard grid.frames > 0, grid.rows >= extent, grid.columns >= extent else { return [] }
        let draw = SeededDraw(seed: seed)
        var ranked: [(box: VoxelBox, rank: Double)] = []
        for row in 0...grid.rows - extent {
            for column in 0...grid.columns - extent {
                let place = VoxelBox(
                    frames: 0..<0, rows: Self.voxels(row, extent), columns: Self.voxels(column, extent))
                guard GapFreePart.isGapFree(mask.cropped(rows: place.rows, columns: place.columns)) else { continue }
                let nearness = 1 / (1 + distance(toGapFrom: place) / Self.reach)
                for frame in 0...grid.frames - extents.frames {
                    var box = place
                    box.frames = Self.voxels(frame, extents.frames)
                    let sum = sum(of: sums, frame: frame, row: row, column: column, extents)
                    guard Self.voxelsPerCount * sum.signal >= box.shape.count, !taken.contains(where: box.overlaps)
                    else { continue }
                    // On the scale on which the network works.
                    let brightness = log1p(sum.counts / Double(box.shape.count))
                    ranked.append((box, draw.rank(of: box, weight: brightness * nearness)))
                }
            }
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.box)
    }

    /// For each corner of a cell, (frame, row, column) and one more of each than there are cells, what lies before it.
    private var boxSums: [Cell] {
        let (rows, columns) = (grid.rows + 1, grid.columns + 1)
        var sums = [Cell](repeating: Cell(), count: (grid.frames + 1) * rows * columns)
        for frame in 0..<grid.frames {
            for row in 0..<grid.rows {
                var line = Cell()
                for column in 0..<grid.columns {
                    line += cells[(frame * grid.rows + row) * grid.columns + column]
                    let corner = ((frame + 1) * rows + row + 1) * columns + column + 1
                    var sum = line
                    sum += sums[corner - columns]
                    sum += sums[corner - rows * columns]
                    sum -= sums[corner - (rows + 1) * columns]
                    sums[corner] = sum
                }
            }
        }
        return sums
    }

    /// What lies in a box of cells.
    private func sum(of sums: [Cell], frame: Int, row: Int, column: Int, _ extents: VolumeShape) -> Cell {
        let (rows, columns) = (grid.rows + 1, grid.columns + 1)
        var sum = Cell()
        for corner in 0..<8 {
            let (f, r, c) = (corner & 1, corner >> 1 & 1, corner >> 2)
            let cell = sums[
                ((frame + f * extents.frames) * rows + row + r * extents.rows) * columns + column + c * extents.columns]
            if (f + r + c).isMultiple(of: 2) { sum -= cell } else { sum += cell }
        }
        return sum
    }

    /// In pixels; 0 where there is no gap.
    private func distance(toGapFrom box: VoxelBox) -> Double {
        let distances = bands.map { band in
            let range = band.axis == .row ? box.rows : box.columns
            return max(band.range.lowerBound - range.upperBound, range.lowerBound - band.range.upperBound)
        }
        return Double(max(0, distances.min() ?? 0))
    }

    private static func voxels(_ first: Int, _ count: Int) -> Range<Int> { first * cell..<(first + count) * cell }
}

extension VoxelBox {
    /// Number of voxels that lie in both boxes.
    fileprivate func sharedVoxels(_ other: VoxelBox) -> Int {
        frames.clamped(to: other.frames).count * rows.clamped(to: other.rows).count
            * columns.clamped(to: other.columns).count
    }
}
