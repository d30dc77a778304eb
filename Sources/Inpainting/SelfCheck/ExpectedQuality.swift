internal import Detectors
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
    /// Multiplies the uncertainties of the filled voxels, none of which can be surer than photon noise lets it be.
    public mutating func scaleErrors(by factor: Float) {
        guard var errors else { return }
        self.errors = nil  // Its memory is changed in place.
        for (offset, frame) in frames.enumerated() {
            let fillable = plans[frame].fillable.storage
            let (base, errorBase) = (data.rowBase(frame: frame, row: 0), errors.rowBase(frame: offset, row: 0))
            for pixel in fillable.indices where fillable[pixel] {
                let error = errors.storage[errorBase + pixel]
                let noise = max(0, data.storage[base + pixel]).squareRoot()
                errors.storage[errorBase + pixel] = max(factor * error, min(error, noise))
            }
        }
        self.errors = errors
    }
}
