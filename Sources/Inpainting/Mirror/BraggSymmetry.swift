internal import Foundation
internal import Fourier
public import Volume

/// Where a pattern mirrors itself, and how well: the two sides of a Bragg peak are alike as far as the crystal is
/// unstrained (Friedel's law), so that a gap on one side is told by the other.
public struct BraggSymmetry: Sendable, Equatable {
    /// The sum of the indices of two voxels that mirror each other, along (frame, row, column).
    public var sum: [Int]
    /// The correlation of log(1+I), less its local mean, of the measured voxels with their mirror images.
    public var correlation: Double

    /// Standard deviation in voxels of the local mean.
    private static let backgroundWidth = 5.0
    /// How bright it must be around a voxel for it to count: a mean log(1+I) of this.
    private static let signal: Float = 0.5
    /// How far from the peak the centre is looked for, in voxels.
    private static let reach = 8
    /// Share of the variance that must have a mirror image.
    private static let overlap: Float = 0.3

    /// Finds the centre of symmetry of a part of a scan that holds the Bragg peak; `nil` where there is no signal.
    ///
    /// - Parameters:
    ///   - counts: (frame, row, column), some 64 to 96 voxels around the peak.
    ///   - isMeasured: for each voxel in the order of the volume.
    ///   - peak: about where the pattern is brightest, (frame, row, column) in `counts`.
    public init?(of counts: Volume<Float>, isMeasured: [Bool], peak: [Int]) {
        precondition(isMeasured.count == counts.storage.count, "\(isMeasured.count) flags for \(counts.shape)")
        let shape = counts.shape
        // A convolution with itself fits in.
        let periods = shape.extents.map { FastSize.next(atLeast: 2 * $0) }
        let padded = VolumeShape(frames: periods[0], rows: periods[1], columns: periods[2])
        let transform = FourierTransform3D(shape: padded)
        // Two real fields ride on one complex one: log(1+I) and where it was measured.
        var field = [ComplexFloat](repeating: ComplexFloat(0), count: padded.count)
        shape.forEachVoxel { voxel, frame, row, column in
            guard isMeasured[voxel] else { return }
            field[(frame * padded.rows + row) * padded.columns + column] = ComplexFloat(
                log1p(counts.storage[voxel]), 1)
        }
        var means = field
        transform.forward(&means)
        let kernel = Self.gaussian(period: padded)
        for index in means.indices { means[index] = means[index] * kernel[index] }
        transform.inverse(&means)

        // The field less its local mean, and its square and its weight as one complex number.
        var pair = field
        var wholeEnergy: Float = 0
        for index in field.indices {
            let mean = means[index].real / max(means[index].imaginary, 1e-3)
            let counts = field[index].imaginary > 0 && mean > Self.signal
            let value = counts ? field[index].real - mean : 0
            field[index] = ComplexFloat(value)
            pair[index] = ComplexFloat(value * value, counts ? 1 : 0)
            wholeEnergy += value * value
        }

        // Sums over all pairs of voxels whose indices add up to s are convolutions of a field with itself; that of
        // (square + i weight) holds square * square - weight * weight and 2 square * weight.
        for isPair in [false, true] {
            var values = isPair ? pair : field
            transform.forward(&values)
            for index in values.indices { values[index] = values[index] * values[index] }
            transform.inverse(&values)
            if isPair { pair = values } else { field = values }
        }
        var best: (sum: [Int], correlation: Double)?
        for frame in Self.candidates(2 * peak[0], last: 2 * shape.frames - 2) {
            for row in Self.candidates(2 * peak[1], last: 2 * shape.rows - 2) {
                for column in Self.candidates(2 * peak[2], last: 2 * shape.columns - 2) {
                    let place = (frame * padded.rows + row) * padded.columns + column
                    let energy = pair[place].imaginary / 2
                    guard energy > Self.overlap * wholeEnergy else { continue }
                    let correlation = Double(field[place].real / energy)
                    if correlation > best?.correlation ?? -1 { best = ([frame, row, column], correlation) }
                }
            }
        }
        guard let best else { return nil }
        (sum, correlation) = (best.sum, best.correlation)
    }

    private static func candidates(_ sum: Int, last: Int) -> ClosedRange<Int> {
        max(0, sum - 2 * reach)...max(0, min(last, sum + 2 * reach))
    }

    /// The transform of the Gaussian of the local mean.
    private static func gaussian(period: VolumeShape) -> [Float] {
        let factors = period.extents.map { period in
            (0..<period).map { index in
                let turns = Double(min(index, period - index)) / Double(period)
                return Float(exp(-2 * pow(.pi * turns * backgroundWidth, 2)))
            }
        }
        return factors[0].flatMap { frame in factors[1].flatMap { row in factors[2].map { frame * row * $0 } } }
    }
}

extension VolumeShape {
    /// Calls `body` with the position and the indices of each voxel, in order.
    fileprivate func forEachVoxel(_ body: (Int, Int, Int, Int) -> Void) {
        var voxel = 0
        for frame in 0..<frames {
            for row in 0..<rows {
                for column in 0..<columns {
                    body(voxel, frame, row, column)
                    voxel += 1
                }
            }
        }
    }
}

/// Finds, while a scan passes by, where the Bragg peak is.
public struct PeakSurvey: Sendable {
    private var best: (count: Float, place: [Int])?

    /// Half the extents of the box around the peak whose counts are worth knowing on both sides, (frame, row, column).
    private static let reach = [160, 160, 160]

    public init() {}

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        let data = block.data
        let brightest = concurrentMap(0..<data.shape.frames) { frame in
            data.brightest(frame: frame, mask: block.plans[frame].mask)
        }
        for (frame, found) in brightest.enumerated() where found.count > best?.count ?? 0 {
            best = (found.count, [firstFrame + frame, found.row, found.column])
        }
    }

    /// The brightest voxel, (frame, row, column); `nil` where nothing was counted.
    public var peak: [Int]? { best?.place }

    /// The part of the scan around the peak.
    public func box(within shape: VolumeShape) -> VoxelBox? {
        peak.map { peak in
            let ranges = zip(zip(peak, Self.reach), shape.extents).map { place, extent in
                (place.0 - place.1..<place.0 + place.1 + 1).clamped(to: 0..<extent)
            }
            return VoxelBox(frames: ranges[0], rows: ranges[1], columns: ranges[2])
        }
    }
}

extension Volume<Float> {
    /// The brightest measured pixel of a frame; a pixel counts no more than a neighbour does, so that hot ones do not.
    fileprivate func brightest(frame: Int, mask: PixelMask) -> (count: Float, row: Int, column: Int) {
        var best: (count: Float, row: Int, column: Int) = (0, 0, 0)
        for row in 0..<shape.rows {
            let base = rowBase(frame: frame, row: row)
            let pixels = row * shape.columns
            for column in 1..<Swift.max(1, shape.columns) {
                let count = Swift.min(storage[base &+ column], storage[base &+ column &- 1])
                if count > best.count, !mask.storage[pixels + column], !mask.storage[pixels + column - 1] {
                    best = (count, row, column)
                }
            }
        }
        return best
    }
}
