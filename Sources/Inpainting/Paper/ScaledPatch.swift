internal import Volume

/// A patch as the paper's network is told of it: log(1+I) scaled to 0 ... 1 over the measured voxels, 0 in the gap.
///
/// Source: Masto et al. 2024, section 2.2, and the authors' program, which scales over the measured voxels.
struct ScaledPatch: Sendable {
    /// What the network is told of each voxel, (frame, row, column).
    private(set) var voxels: [Float]
    /// log(1+I) of 0 on the scale.
    let least: Float
    /// From 0 to 1 on the scale; above 0.
    let range: Float

    /// - Parameters:
    ///   - logs: log(1+I), (frame, row, column); what lies in the gap is not looked at.
    ///   - masks: the gap, one for each frame.
    init(logs: Volume<Float>, masks: [PixelMask]) {
        var (least, greatest) = (Float.infinity, -Float.infinity)
        for (frame, mask) in masks.enumerated() {
            for (log, isMasked) in zip(logs.storage[logs.range(ofFrame: frame)], mask.storage) where !isMasked {
                least = min(least, log)
                greatest = max(greatest, log)
            }
        }
        let isFlat = !(greatest > least)
        self.least = isFlat ? 0 : least
        range = isFlat ? 1 : greatest - least
        voxels = logs.storage.map { [least = self.least, range] in ($0 - least) / range }
        for (frame, mask) in masks.enumerated() {
            let first = frame * mask.shape.count
            for pixel in mask.storage.indices where mask.storage[pixel] { voxels[first + pixel] = 0 }
        }
    }

    /// Where a value of log(1+I) lies on the scale.
    func scaled(_ log: Float) -> Float { (log - least) / range }

    /// The value of log(1+I) at a place on the scale.
    func log(_ scaled: Float) -> Float { least + range * scaled }
}
