import Diffraction
import Foundation
import Fourier
import Volume

// phasing SIZE DIRECTORY: writes a simulated problem, and the object to start from, as bare numbers.
// phasing SIZE DIRECTORY ITERATIONS: times relaxed reflections on it; prints iterations per second and the last error.

let size = Int(CommandLine.arguments[1]) ?? 0
let directory = CommandLine.arguments[2]
let shape = VolumeShape(frames: size, rows: size, columns: size)
let crystal = PhasedCrystal(.wulff, parameters: ScanParameters(shape: shape, oversampling: 4, brightness: .peak(1e6)))
let counts = crystal.counts
let support = crystal.support()
let retrieval = PhaseRetrieval(AmplitudeBounds(counts: counts))
retrieval.start(support: support, seed: 1)

func write<Element>(_ values: [Element], _ name: String) throws {
    try values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: directory).appending(path: name))
}

if CommandLine.arguments.count == 3 {
    try write(counts.storage, "counts")
    try write(support, "support")
    try write(retrieval.object.storage, "start")
} else {
    let iterations = Int(CommandLine.arguments[3]) ?? 0
    let start = ContinuousClock.now
    retrieval.iterate(.relaxedReflections(0.9), iterations)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(Double(iterations) / seconds, retrieval.errors.last ?? 0)
}
