internal import Fourier
public import Volume

/// What is known of the amplitude of every voxel of a pattern: the least and the greatest that it may be, (frame, row,
/// column), the Bragg peak in the middle, voxel `extent / 2` of each axis.
///
/// All kinds of voxels are one: a measured one has both bounds at the root of its counts, one left to the algorithm has
/// none, and one that was estimated lies within a confidence interval. The last is a generalisation of the interval that
/// PyNX allows interpolated pixels (Favre-Nicolin et al. 2020, J. Appl. Cryst. 53, 1404-1413), here as wide as
/// the estimate is uncertain.
public struct AmplitudeBounds: Sendable {
    public let shape: VolumeShape
    public private(set) var lower: [Float]
    public private(set) var upper: [Float]

    /// Takes every voxel as measured.
    ///
    /// - Parameter counts: at least 0 each.
    public init(counts: Volume<Float>) {
        shape = counts.shape
        lower = counts.storage.map { $0.squareRoot() }
        upper = lower
    }

    /// Leaves a voxel to the algorithm.
    public mutating func free(_ voxel: Int) {
        lower[voxel] = 0
        upper[voxel] = .infinity
    }

    /// Bounds a voxel by what is estimated for it.
    ///
    /// - Parameters:
    ///   - counts: the estimate; what lies below 0 is cut.
    ///   - margin: how far the voxel may be from it, in counts.
    public mutating func bound(_ voxel: Int, near counts: Float, margin: Float) {
        lower[voxel] = max(0, counts - margin).squareRoot()
        upper[voxel] = max(0, counts + margin).squareRoot()
    }

    /// Whether both bounds of a voxel are one.
    public func isMeasured(_ voxel: Int) -> Bool { lower[voxel] == upper[voxel] }
}

/// The bounds of a pattern's amplitudes in the order in which an iteration comes by: for each row of frequencies its
/// lines, (column, frame).
struct SlicedBounds {
    /// Number of values of one row's lines with room up to the next whole vector, which nothing bounds.
    let lineStride: Int
    /// Sum of the squares of the lower bounds.
    let squaredNorm: Double

    private let lower: AlignedBuffer<Float>
    private let upper: AlignedBuffer<Float>
    private let shape: VolumeShape

    private static let lanes = 8
    /// By how much an amplitude of a partially coherent pattern may be raised at once.
    private static let greatestRatio: Float = 4

    init(_ bounds: AmplitudeBounds) {
        let shape = bounds.shape
        let lineStride = (shape.frames * shape.columns + Self.lanes - 1) / Self.lanes * Self.lanes
        let lower = AlignedBuffer<Float>(count: shape.rows * lineStride, repeating: 0)
        let upper = AlignedBuffer<Float>(count: shape.rows * lineStride, repeating: .infinity)
        for row in 0..<shape.rows {
            CentredOrder(shape).forEachVoxel(ofSpectrumRow: row) { line, voxel in
                lower.values[row * lineStride + line] = bounds.lower[voxel]
                upper.values[row * lineStride + line] = bounds.upper[voxel]
            }
        }
        (self.shape, self.lineStride, self.lower, self.upper) = (shape, lineStride, lower, upper)
        squaredNorm = lower.values.reduce(0) { $0 + Double($1) * Double($1) }
    }

    /// Brings the amplitudes of one row within their bounds, the phases kept, and divides by the number of voxels, which
    /// the way back multiplies by.
    ///
    /// - Parameters:
    ///   - expected: whose roots are bounded in the place of the amplitudes, where the pattern is not a coherent one.
    ///   - leavingEstimatesFree: whether only voxels of which both bounds are one are held to them.
    /// - Returns: the sum of the squared distances to the bounds.
    func project(
        row: Int, _ lines: UnsafeMutableBufferPointer<ComplexFloat>, expected: ExpectedCounts?,
        leavingEstimatesFree: Bool
    ) -> Double {
        guard let expected else { return project(row: row, lines, leavingEstimatesFree: leavingEstimatesFree) }
        let inverseCount = 1 / Float(shape.count)
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: lineStride) { counts in
            expected.write(row: row, to: counts)
            var squares = 0.0
            for line in 0..<shape.frames * shape.columns {
                let (least, greatest) = (lower.values[row * lineStride + line], upper.values[row * lineStride + line])
                let amplitude = counts[line].squareRoot()
                let isFree = leavingEstimatesFree && least != greatest
                let target = isFree ? amplitude : min(max(amplitude, least), greatest)
                squares += Double((amplitude - target) * (amplitude - target))
                // A dark field beside a bright one would else be raised without end.
                let scale = amplitude > 0 ? min(target / amplitude, Self.greatestRatio) : 1
                lines[line] = lines[line] * (scale * inverseCount)
            }
            return squares
        }
    }

    /// - Parameter leavingEstimatesFree: whether only voxels of which both bounds are one are held to them.
    /// - Returns: the sum of the squared distances to the bounds.
    func project(
        row: Int, _ lines: UnsafeMutableBufferPointer<ComplexFloat>, leavingEstimatesFree: Bool
    ) -> Double {
        precondition(lines.count >= lineStride, "\(lines.count) values for a row of \(lineStride)")
        let values = UnsafeMutableRawBufferPointer(lines)
        let part = row * lineStride..<(row + 1) * lineStride
        let lowest = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(lower.values)[4 * part.lowerBound..<4 * part.upperBound])
        let highest = UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(upper.values)[4 * part.lowerBound..<4 * part.upperBound])
        let inverseCount = 1 / Float(shape.count)
        var squares = SIMD8<Float>.zero
        for index in stride(from: 0, to: lineStride, by: Self.lanes) {
            var pairs = values.load(fromByteOffset: 8 &* index, as: SIMD16<Float>.self)
            let least = lowest.load(fromByteOffset: 4 &* index, as: SIMD8<Float>.self)
            let greatest = highest.load(fromByteOffset: 4 &* index, as: SIMD8<Float>.self)
            let isFree = (least .!= greatest) .& SIMDMask(repeating: leavingEstimatesFree)
            let (real, imaginary) = (pairs.evenHalf, pairs.oddHalf)
            let modulus = (real * real + imaginary * imaginary).squareRoot()
            let raised = modulus.replacing(with: least, where: modulus .< least)
            let bounded = raised.replacing(with: greatest, where: raised .> greatest)
            let target = bounded.replacing(with: modulus, where: isFree)
            let distance = modulus - target
            squares += distance * distance
            // An amplitude of 0 has no phase to keep and stays 0.
            let scale = target / (modulus + .leastNormalMagnitude) * inverseCount
            pairs.evenHalf = real * scale
            pairs.oddHalf = imaginary * scale
            values.storeBytes(of: pairs, toByteOffset: 8 &* index, as: SIMD16<Float>.self)
        }
        return Double(squares.sum())
    }

    /// Writes the squares of the lower bounds of one row, as the intensities that are sure.
    func writeIntensities(row: Int, to lines: UnsafeMutableBufferPointer<ComplexFloat>) {
        for line in 0..<lineStride {
            let amplitude = lower.values[row * lineStride + line]
            lines[line] = ComplexFloat(amplitude * amplitude)
        }
    }
}
