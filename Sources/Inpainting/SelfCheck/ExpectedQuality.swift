internal import Detectors
internal import Foundation
public import Volume

/// How well the gaps of a scan can be expected to be filled, gathered while they are.
///
/// The filled voxels are divided into windows along each gap, 32 frames and 32 pixels long and as wide as the gap, as
/// hidden gaps are; what the filler states of their uncertainty tells the correlation to be expected in each.
public struct ExpectedQuality: Sendable {
    /// The windows of a group of frames have this many counts or they tell nothing: a quarter of their voxels.
    private static let signalShare = 0.25

    private let shape: VolumeShape
    /// The window of each pixel of a frame.
    private let places: [Int32]
    private let windowsPerGroup: Int
    private var windows: [ExpectedCorrelation]

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - shape: of the scan.
    public init(mask: PixelMask, shape: VolumeShape) {
        self.shape = shape
        let length = HiddenGap.length
        let perRow = (shape.columns + length - 1) / length
        let perColumn = (shape.rows + length - 1) / length
        // Pixels that lie in no band belong to a square.
        var places = (0..<shape.frame.count).map { pixel in
            Int32(pixel / shape.columns / length * perRow + pixel % shape.columns / length)
        }
        var next = perColumn * perRow
        for band in mask.bands {
            let along = band.axis == .row ? shape.columns : shape.rows
            for line in band.range {
                for position in 0..<along {
                    let pixel = band.axis == .row ? line * shape.columns + position : position * shape.columns + line
                    places[pixel] = Int32(next + position / length)
                }
            }
            next += (along + length - 1) / length
        }
        self.places = places
        windowsPerGroup = next
        let groups = max(1, shape.frames / length)
        windows = [ExpectedCorrelation](repeating: ExpectedCorrelation(), count: groups * next)
    }

    /// Looks at filled frames; a block without uncertainties tells nothing.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    public mutating func add(_ block: FrameBlock, firstFrame: Int) {
        guard let errors = block.errors else { return }
        let lastGroup = windows.count / windowsPerGroup - 1
        for (offset, frame) in block.frames.enumerated() {
            let group = min((firstFrame + offset) / HiddenGap.length, lastGroup) * windowsPerGroup
            let fillable = block.plans[frame].fillable.storage
            let (base, errorBase) = (block.data.rowBase(frame: frame, row: 0), errors.rowBase(frame: offset, row: 0))
            for pixel in fillable.indices where fillable[pixel] {
                let error = errors.storage[errorBase + pixel]
                guard error.isFinite else { continue }
                windows[group + Int(places[pixel])].add(estimate: block.data.storage[base + pixel], error: error)
            }
        }
    }

    /// The expected correlation of log(1+I), the mean over windows with signal, or over all filled voxels where there is
    /// none; `nil` where nothing was filled with an uncertainty.
    ///
    public func pcc() -> Double? {
        let telling = windows.filter { $0.count > 64 && $0.signalShare >= Self.signalShare }
        let correlations = telling.compactMap { $0.pearson() }
        if !correlations.isEmpty { return correlations.reduce(0, +) / Double(correlations.count) }
        var whole = ExpectedCorrelation()
        for window in windows { whole.add(window) }
        return whole.pearson()
    }
}

extension FrameBlock {
    /// Multiplies the uncertainties of log(1+I) of the filled voxels, none of which can be surer than photon noise lets it be.
    public mutating func scaleErrors(by factor: Float) {
        guard var errors else { return }
        self.errors = nil  // Its memory is changed in place.
        for (offset, frame) in frames.enumerated() {
            let fillable = plans[frame].fillable.storage
            let (base, errorBase) = (data.rowBase(frame: frame, row: 0), errors.rowBase(frame: offset, row: 0))
            for pixel in fillable.indices where fillable[pixel] {
                errors.storage[errorBase + pixel] = StatedError.scaled(
                    errors.storage[errorBase + pixel], of: data.storage[base + pixel], by: factor)
            }
        }
        self.errors = errors
    }
}

/// How well estimates can be expected to correlate with the counts that would have been measured, from their own
/// uncertainties.
///
/// With μ the estimates of log(1+I) over some voxels and σ their standard uncertainties, what would have been measured
/// scatters by var μ + mean σ², of which the estimates tell var μ: their Pearson correlation is √(var μ / (var μ +
/// mean σ²)), as far as the uncertainties are right.
public struct ExpectedCorrelation: Sendable {
    private(set) var count = 0
    private var sum = 0.0
    private var squares = 0.0
    /// The sum of σ².
    private(set) var variance = 0.0
    /// The sum of the chances of at least one count.
    private var signal = 0.0

    public init() {}

    /// Adds one estimate in counts, with its standard uncertainty.
    ///
    /// - Returns: the mean of log(1+I) that is stated so.
    @discardableResult
    public mutating func add(estimate: Float, error: Float) -> Float {
        let (mean, deviation) = StatedError.logarithmic(estimate: estimate, error: error)
        count += 1
        sum += Double(mean)
        squares += Double(mean) * Double(mean)
        variance += Double(deviation) * Double(deviation)
        signal += 1 - exp(-Double(estimate))
        return mean
    }

    /// Adds what another one holds.
    mutating func add(_ other: ExpectedCorrelation) {
        count += other.count
        sum += other.sum
        squares += other.squares
        variance += other.variance
        signal += other.signal
    }

    /// The share of the voxels that are expected to hold a count.
    var signalShare: Double { count > 0 ? signal / Double(count) : 0 }

    /// The expected correlation; `nil` where the estimates do not vary.
    public func pearson() -> Double? {
        explained.map { ($0 / ($0 + variance / Double(count))).squareRoot() }
    }

    /// The variance of the estimates; `nil` where they do not vary.
    var explained: Double? {
        guard count > 1 else { return nil }
        let mean = sum / Double(count)
        let explained = squares / Double(count) - mean * mean
        return explained > 1e-9 ? explained : nil
    }
}

/// How an estimate of log(1+I) and its deviation are stated in counts, and read again.
enum StatedError {
    /// Beyond this deviation of log(1+I), a larger one makes the expected intensity no larger.
    private static let largestSpread: Float = 1
    /// The least uncertainty, in counts.
    private static let least: Float = 1e-3

    /// The counts to be expected and their standard uncertainty: mean and standard deviation of a ``CountDistribution``.
    ///
    /// The mean m is the cube of the mean cube root, in log(1+I), and d the deviation of log(1+I). Were that distributed
    /// normally, the square of the amplitude to be expected would be exp(m + d²/12) and the intensity exp(m + d²/3), less
    /// what of d is photon noise. 1+I is stated as exp(m + d²/4), which keeps the sums over gaps: with d²/12 they came out
    /// by 15 % too low in a measured scan, with d²/4 by 8 %. What of d is not photon noise is the scatter of the intensity.
    static func counts(mean: Float, deviation: Float) -> (estimate: Float, error: Float) {
        let level = max(1, exp(mean))
        let estimate = level * rise(deviation) - 1
        return (estimate, error(of: estimate, level: level, deviation: deviation))
    }

    /// The mean and the deviation of log(1+I) that were stated so.
    static func logarithmic(estimate: Float, error: Float) -> (mean: Float, deviation: Float) {
        let estimate = max(0, estimate)
        let variance = CountDistribution(mean: estimate, deviation: error).logarithmicVariance
        // The rise depends on the deviation: a few rounds settle it.
        var (level, deviation) = (1 + estimate, Float(0))
        for _ in 0..<4 {
            let response = response(level)
            deviation =
                (PhotonNoise.moments(expectation: level - 1).variance + variance * response * response).squareRoot()
            level = max(1, (1 + estimate) / rise(deviation))
        }
        return (log(level), deviation)
    }

    /// The uncertainty that an estimate has where the deviation of its logarithm is multiplied.
    static func scaled(_ error: Float, of estimate: Float, by factor: Float) -> Float {
        guard error.isFinite else { return error }
        let (mean, deviation) = logarithmic(estimate: estimate, error: error)
        return self.error(of: estimate, level: exp(mean), deviation: factor * deviation)
    }

    private static func error(of estimate: Float, level: Float, deviation: Float) -> Float {
        let response = response(level)
        let excess = deviation * deviation - PhotonNoise.moments(expectation: level - 1).variance
        let distribution = CountDistribution(
            mean: estimate,
            dispersion: CountDistribution.dispersion(logarithmicVariance: max(0, excess) / (response * response)))
        return max(distribution.standardDeviation, least)
    }

    /// How far log(1+I) follows log I.
    private static func response(_ level: Float) -> Float { max(level - 1, 1e-3) / level }

    private static func rise(_ deviation: Float) -> Float {
        let spread = min(deviation, largestSpread)
        return exp(spread * spread / 4)
    }
}
