internal import Diffraction
internal import Foundation
internal import Volume

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
