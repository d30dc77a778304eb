internal import Diffraction
internal import Volume

/// The frames of a simulated crystal, a few computed at a time on all cores.
final class CrystalFrames: FrameSource {
    /// At most this many voxels wait to be written.
    private static let bufferedVoxels = 1 << 23

    let shape: VolumeShape
    let hasExpectations = true
    private let simulation: ScanSimulation
    private let batch: Int
    private var first = 0
    private var frames: [SimulatedFrame] = []

    init(_ simulation: ScanSimulation) {
        self.simulation = simulation
        shape = simulation.parameters.shape
        batch = max(1, min(16, Self.bufferedVoxels / shape.frame.count))
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
