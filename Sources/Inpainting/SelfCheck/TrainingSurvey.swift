internal import Detectors
internal import Foundation
internal import Volume

/// Finds, while a scan passes by, the gap-free parts from which a network can learn what this scan looks like.
///
/// Counts are added up in cells, of which the parts are made.
struct TrainingSurvey: Sendable {
    /// The extent of a cell along each axis.
    static let cell = 16
    /// Extents of the parts in cells; the second is taken where there are too few of the first.
    private static let extents = [3, 2]
    private static let fewest = 16
    /// The distance from the nearest gap, in pixels, at which a part counts for half.
    private static let reach = 48.0

    private struct Cell: Sendable {
        var counts = 0.0
        /// Voxels with at least one count.
        var signal = 0
    }

    private let mask: PixelMask
    private let bands: [GapBand]
    /// Cells along (frame, row, column).
    private let grid: VolumeShape
    private var cells: [Cell]

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps.
    ///   - shape: of the scan.
    init(mask: PixelMask, bands: [GapBand], shape: VolumeShape) {
        self.mask = mask
        self.bands = bands
        grid = VolumeShape(
            frames: shape.frames / Self.cell, rows: shape.rows / Self.cell, columns: shape.columns / Self.cell)
        cells = [Cell](repeating: Cell(), count: grid.count)
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    mutating func add(_ data: Volume<Float>, firstFrame: Int) {
        for frame in 0..<data.shape.frames where (firstFrame + frame) / Self.cell < grid.frames {
            let layer = (firstFrame + frame) / Self.cell * grid.rows
            let seen = concurrentMap(0..<grid.rows) { row in Self.cells(of: row, frame: frame, data) }
            for (row, line) in seen.enumerated() {
                for (column, cell) in line.enumerated() {
                    cells[(layer + row) * grid.columns + column].counts += cell.counts
                    cells[(layer + row) * grid.columns + column].signal += cell.signal
                }
            }
        }
    }

    /// What one frame adds to a line of cells.
    private static func cells(of row: Int, frame: Int, _ data: Volume<Float>) -> [Cell] {
        (0..<data.shape.columns / cell).map { column in
            var sums = SIMD16<Float>()
            var signal = SIMD16<Int32>()
            for line in row * cell..<(row + 1) * cell {
                let base = data.rowBase(frame: frame, row: line) + column * cell
                let counts = data.storage.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: base * MemoryLayout<Float>.size, as: SIMD16<Float>.self)
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
        let draws = Self.extents.lazy.map { extent in
            Array(ranked(extent: extent, apartFrom: taken, seed: seed).prefix(limit))
        }
        return draws.first { $0.count >= Self.fewest } ?? draws.last ?? []
    }

    private func ranked(extent: Int, apartFrom taken: [VoxelBox], seed: UInt64) -> [VoxelBox] {
        let extents = VolumeShape(frames: min(extent, grid.frames), rows: extent, columns: extent)
        guard grid.frames > 0, grid.rows >= extent, grid.columns >= extent else { return [] }
        let draw = SeededDraw(seed: seed)
        var ranked: [(box: VoxelBox, rank: Double)] = []
        for row in 0...grid.rows - extent {
            for column in 0...grid.columns - extent {
                let place = VoxelBox(
                    frames: 0..<0, rows: Self.voxels(row, extent), columns: Self.voxels(column, extent))
                guard isGapFree(place) else { continue }
                let nearness = 1 / (1 + distance(toGapFrom: place) / Self.reach)
                for frame in 0...grid.frames - extents.frames {
                    var box = place
                    box.frames = Self.voxels(frame, extents.frames)
                    let sum = sum(frame: frame, row: row, column: column, extents)
                    guard 4 * sum.signal >= box.shape.count, !taken.contains(where: box.overlaps) else { continue }
                    // On the scale on which the network works.
                    let brightness = log1p(sum.counts / Double(box.shape.count))
                    ranked.append((box, draw.rank(of: box, weight: brightness * nearness)))
                }
            }
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.box)
    }

    private func sum(frame: Int, row: Int, column: Int, _ extents: VolumeShape) -> Cell {
        var sum = Cell()
        for f in frame..<frame + extents.frames {
            for r in row..<row + extents.rows {
                for c in column..<column + extents.columns {
                    let cell = cells[(f * grid.rows + r) * grid.columns + c]
                    sum.counts += cell.counts
                    sum.signal += cell.signal
                }
            }
        }
        return sum
    }

    private func isGapFree(_ box: VoxelBox) -> Bool {
        box.rows.allSatisfy { row in box.columns.allSatisfy { !mask[row, $0] } }
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
