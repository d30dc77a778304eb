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
