internal import Diffraction
internal import Foundation
internal import Volume

extension TrainingPatch {
    /// log(1+I) as it was measured under the gap, in the order of ``GapExample/gap``.
    var gapLogs: [Float] {
        let pixels = mask.storage.indices.filter { mask.storage[$0] }
        return (0..<counts.shape.frames).flatMap { frame in
            pixels.map { log1pf(counts.storage[frame * counts.shape.frame.count + $0]) }
        }
    }
}
