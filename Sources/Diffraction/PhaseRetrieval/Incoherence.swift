internal import Foundation
internal import Fourier
internal import Volume

/// What keeps counts from being the intensities of a coherent pattern: a beam that is coherent only in part, which blurs
/// them, and counts from elsewhere.
///
/// The coherent intensities are convolved with a Gaussian, and a constant is added, before they are compared with what was
/// counted; the field is then scaled by the root of the ratio of both. Source: Clark et al. 2012, Nature Communications 3,
/// 993, with a Gaussian in the place of their free kernel.
public struct Incoherence: Sendable, Hashable {
    /// Standard deviations of the blur along (frame, row, column), in voxels, up to ``greatestWidth``; 0 for none.
    public var widths: SIMD3<Double>
    /// Counts in every voxel that are not the crystal's.
    public var background: Float

    public static let greatestWidth = 2.0

    public init(widths: SIMD3<Double> = .zero, background: Float = 0) {
        (self.widths, self.background) = (widths, background)
    }

    public static let none = Incoherence()

    /// Widths to choose from where nothing is known, see ``PhasingRecipe/coherenceWidths``.
    public static let usualWidths = [0, 0.25, 0.5, 0.7, 1]

    /// Weights of a blur's middle and of the voxels on either side of it.
    ///
    /// They are the Gaussian's counterpart on a lattice, exp(-t) Iₙ(t) with the variance t: never negative, and of exactly
    /// this variance also where it is far below one voxel. Source: Lindeberg 1990, IEEE Transactions on Pattern Analysis and
    /// Machine Intelligence 12, 234-254.
    static func taps(width: Double) -> [Float] {
        let variance = width * width
        var taps: [Double] = []
        for order in 0...64 {
            // The Bessel function's series.
            var term = exp(-variance)
            for factor in stride(from: 1, through: order, by: 1) { term *= variance / 2 / Double(factor) }
            var (sum, index) = (term, 1.0)
            while term > 1e-12 * sum, index < 100 {
                term *= variance * variance / 4 / (index * (index + Double(order)))
                sum += term
                index += 1
            }
            if order > 0, sum < 1e-5 { break }
            taps.append(sum)
        }
        let total = 2 * taps.reduce(0, +) - taps[0]
        return taps.map { Float($0 / total) }
    }
}

/// The expected counts of a pattern in the order of an iteration: for each row of frequencies its lines, (column, frame).
struct ExpectedCounts {
    let incoherence: Incoherence
    /// Blurred along frames and columns, not yet along rows.
    private let blurred: AlignedBuffer<Float>
    private let shape: VolumeShape
    private let lineStride: Int
    private let frameTaps, rowTaps, columnTaps: [Float]

    init(_ incoherence: Incoherence, shape: VolumeShape, lineStride: Int, room: AlignedBuffer<Float>) {
        precondition(
            incoherence.widths.min() >= 0 && incoherence.widths.max() <= Incoherence.greatestWidth
                && incoherence.background >= 0, "\(incoherence)")
        (self.incoherence, self.shape, self.lineStride, blurred) = (incoherence, shape, lineStride, room)
        frameTaps = Incoherence.taps(width: incoherence.widths.x)
        rowTaps = Incoherence.taps(width: incoherence.widths.y)
        columnTaps = Incoherence.taps(width: incoherence.widths.z)
    }

    /// Takes the lines of one row, of coherent amplitudes.
    func take(row: Int, _ lines: UnsafeMutableBufferPointer<ComplexFloat>) {
        let (frames, count) = (shape.frames, shape.frames * shape.columns)
        let target = UnsafeMutableBufferPointer(
            rebasing: blurred.values[row * lineStride..<row * lineStride + count])
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { intensities in
            for line in 0..<count { intensities[line] = lines[line].squaredModulus }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { rolled in
                Self.add(intensities, to: rolled, period: count, step: frames, taps: columnTaps)
                for column in 0..<shape.columns {
                    let part = column * frames..<(column + 1) * frames
                    Self.add(
                        UnsafeMutableBufferPointer(rebasing: rolled[part]),
                        to: UnsafeMutableBufferPointer(rebasing: target[part]), period: frames, step: 1, taps: frameTaps
                    )
                }
            }
        }
    }

    /// Writes what is expected in one row, after all were taken.
    func write(row: Int, to expected: UnsafeMutableBufferPointer<Float>) {
        let count = shape.frames * shape.columns
        for line in 0..<lineStride { expected[line] = incoherence.background }
        for (offset, weight) in rowTaps.enumerated() {
            for side in offset == 0 ? [0] : [offset, -offset] {
                let base = ((row + side) % shape.rows + shape.rows) % shape.rows * lineStride
                let values = UnsafeMutableBufferPointer(rebasing: blurred.values[base..<base + count])
                for line in 0..<count { expected[line] += weight * values[line] }
            }
        }
    }

    /// Convolves values that repeat with a period with taps that are a step apart.
    private static func add(
        _ values: UnsafeMutableBufferPointer<Float>, to sums: UnsafeMutableBufferPointer<Float>, period: Int, step: Int,
        taps: [Float]
    ) {
        for index in 0..<period { sums[index] = taps[0] * values[index] }
        for (offset, weight) in taps.enumerated().dropFirst() {
            let shift = offset * step % period
            // Two runs for either side, so that no index wraps within one.
            for index in 0..<period &- shift {
                sums[index] += weight * values[index &+ shift]
                sums[index &+ shift] += weight * values[index]
            }
            for index in 0..<shift {
                sums[index &+ period &- shift] += weight * values[index]
                sums[index] += weight * values[index &+ period &- shift]
            }
        }
    }
}
