internal import Diffraction
internal import Foundation
internal import Volume

/// A measured stack without gaps on a larger detector, its peak where it is wanted; (frame, slow = row, fast = column).
///
/// Around the stack lies Poisson noise at the level of the stack's own border.
final class PlacedFrames: FrameSource {
    /// Width of the border, in pixels, that tells the background.
    private static let borderWidth = 4

    let shape: VolumeShape
    let hasExpectations = false
    /// Expected counts per pixel around the stack.
    let background: Double
    private let stack: Volume<UInt32>
    private let firstRow: Int
    private let firstColumn: Int
    private let seed: UInt64

    /// - Parameter peak: where the brightest voxel of the stack comes to lie on the detector.
    init(_ stack: Volume<UInt32>, on detector: FrameShape, peak: (row: Int, column: Int), seed: UInt64) {
        self.stack = stack
        self.seed = seed
        shape = VolumeShape(frames: stack.shape.frames, frame: detector)
        let brightest = stack.brightestVoxel
        firstRow = peak.row - brightest.row
        firstColumn = peak.column - brightest.column
        background = stack.borderMean(width: Self.borderWidth)
    }

    func frame(_ index: Int) -> SourceFrame {
        var generator = SeededGenerator(seed: seed, stream: UInt64(index))
        var counts = [UInt32](repeating: 0, count: shape.frame.count)
        scatter(into: &counts, using: &generator)
        let rows = max(0, firstRow)..<min(shape.rows, firstRow + stack.shape.rows)
        let columns = max(0, firstColumn)..<min(shape.columns, firstColumn + stack.shape.columns)
        for row in rows {
            let source = stack.rowBase(frame: index, row: row - firstRow) - firstColumn
            let target = row * shape.columns
            for column in columns { counts[target + column] = stack.storage[source + column] }
        }
        return SourceFrame(counts: counts, expected: nil)
    }

    /// Lets photons fall on random pixels: the distance from one to the next is exponentially distributed, which gives
    /// every pixel a Poisson deviate.
    private func scatter(into counts: inout [UInt32], using generator: inout SeededGenerator) {
        guard background > 0 else { return }
        var position = 0.0
        while true {
            position -= log(1 - generator.uniform()) / background
            guard position < Double(counts.count) else { return }
            counts[Int(position)] += 1
        }
    }
}

extension Volume<UInt32> {
    /// The first of the voxels with the most counts.
    var brightestVoxel: (frame: Int, row: Int, column: Int) {
        let index = storage.indices.max { storage[$0] < storage[$1] } ?? 0
        let (frame, pixel) = index.quotientAndRemainder(dividingBy: shape.frame.count)
        return (frame, pixel / shape.columns, pixel % shape.columns)
    }

    /// Mean counts of the outermost pixels of all frames.
    func borderMean(width: Int) -> Double {
        var sum = 0.0
        var count = 0
        for row in 0..<shape.rows {
            let isBorderRow = row < width || row >= shape.rows - width
            for column in 0..<shape.columns
            where isBorderRow || column < width || column >= shape.columns - width {
                for frame in 0..<shape.frames { sum += Double(self[frame, row, column]) }
                count += shape.frames
            }
        }
        return count > 0 ? sum / Double(count) : 0
    }
}

/// What falls on a detector without gaps in one frame, in row-major order (slow, fast).
struct SourceFrame: Sendable {
    /// Photons that would be counted.
    var counts: [UInt32]
    /// Their expectations, where these are known.
    var expected: [Float]?
}

/// Gives the frames of a scan, each in turn.
protocol FrameSource: AnyObject {
    var shape: VolumeShape { get }
    /// True when frames come with expectations.
    var hasExpectations: Bool { get }
    func frame(_ index: Int) -> SourceFrame
}

/// The frames of a simulated crystal, one computed on each core at a time.
final class CrystalFrames: FrameSource {
    let shape: VolumeShape
    let hasExpectations = true
    private let simulation: ScanSimulation
    private let batch = ProcessInfo.processInfo.activeProcessorCount
    private var first = 0
    private var frames: [SimulatedFrame] = []

    init(_ simulation: ScanSimulation) {
        self.simulation = simulation
        shape = simulation.parameters.shape
    }

    func frame(_ index: Int) -> SourceFrame {
        if !(first..<first + frames.count).contains(index) {
            first = index
            frames = simulation.frames(index..<min(index + batch, shape.frames))
        }
        let frame = frames[index - first]
        return SourceFrame(counts: frame.counts, expected: frame.noiseFree)
    }
}
