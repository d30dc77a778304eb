internal import Foundation
internal import Volume

/// What keeps a measured pattern from being the one that phase retrieval assumes.
public struct MeasurementFlaws: Sendable, Hashable {
    /// Standard deviation in pixels of the blur of each frame, as a beam makes that is coherent only in part; 0 for none.
    public var blur = 0.0
    /// Expected counts in every voxel from elsewhere.
    public var background: Float = 0
    /// Standard deviation of what each frame's expectation is multiplied by: half of its variance wanders slowly, half
    /// flickers from frame to frame.
    public var drift = 0.0

    public init() {}

    /// Whether there are none.
    var isEmpty: Bool { self == MeasurementFlaws() }

    /// Turns the pattern's expectation into the measurement's.
    func add(to expected: inout Volume<Float>, seed: UInt64) {
        let shape = expected.shape
        var generator = SeededGenerator(seed: seed, stream: 0x464C_4157)
        let blur = blur > 0 ? GaussianBlur(sigma: blur) : nil
        let turn = generator.uniform(in: 0...(2 * Double.pi))
        for frame in 0..<shape.frames {
            let voxels = frame * shape.frame.count..<(frame + 1) * shape.frame.count
            var pixels = Array(expected.storage[voxels])
            if let blur { pixels = blur.applied(to: pixels, shape.frame) }
            let wander = sin(2 * .pi * Double(frame) / Double(max(1, shape.frames)) + turn)
            let flicker = generator.normal() * 0.5.squareRoot()
            let dose = Float(max(0, 1 + drift * (wander + flicker)))
            expected.storage.replaceSubrange(voxels, with: pixels.map { ($0 + background) * dose })
        }
    }
}
