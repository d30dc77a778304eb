internal import Foundation
public import Volume

/// Measured voxels of which a reconstruction is not told, so that they can judge it.
///
/// They come in cubes of three voxels, since a lone one would follow from its neighbours. The middle of the peak is left
/// out, where a reconstruction depends on each voxel. Source: Favre-Nicolin et al. 2020, Scientific Reports 10, 2664.
public struct HeldOutVoxels: Sendable {
    private let voxels: [Int]
    private let counts: [Float]

    /// Voxels around the peak that stay.
    private static let peakRadius = 4

    /// Draws cubes from a pattern and leaves them to the algorithm.
    ///
    /// - Parameters:
    ///   - counts: in the order of the bounds; not a number where none were measured, whatever the bounds hold there.
    ///   - share: of the voxels to hold out, 0 ... 0.2.
    ///   - seed: the same gives the same cubes.
    public init(from bounds: inout AmplitudeBounds, counts: Volume<Float>, share: Double, seed: UInt64) {
        precondition((0...0.2).contains(share), "a share of \(share) held out")
        let extents = bounds.shape.extents
        var generator = SeededGenerator(seed: seed, stream: 0x4845_4C44)
        var voxels: [Int] = []
        for _ in 0..<Int(share * Double(counts.shape.count) / 27) {
            let centre = extents.map { 1 + min($0 - 3, Int(generator.uniform() * Double($0 - 2))) }
            if zip(centre, extents).allSatisfy({ abs($0 - $1 / 2) <= Self.peakRadius }) { continue }
            for offset in 0..<27 {
                let place = [offset / 9, offset / 3 % 3, offset % 3].enumerated().map { centre[$0] + $1 - 1 }
                let voxel = (place[0] * extents[1] + place[1]) * extents[2] + place[2]
                guard bounds.isMeasured(voxel), !counts.storage[voxel].isNaN else { continue }
                bounds.free(voxel)
                voxels.append(voxel)
            }
        }
        self.voxels = voxels
        self.counts = voxels.map { counts.storage[$0] }
    }

    /// The mean logarithm of the Poisson likelihood of the voxels held out, compared with that of an exact prediction: at
    /// most 0, and 0 where nothing is held out.
    ///
    /// - Parameter intensities: what is expected, in the order of the bounds.
    public func logLikelihood(of intensities: Volume<Float>) -> Double {
        var sum = 0.0
        for (voxel, count) in zip(voxels, counts) {
            // No reconstruction is sure of darkness.
            let expected = max(Double(intensities.storage[voxel]), 0.01)
            let counted = Double(count)
            sum += counted - expected + (counted > 0 ? counted * log(expected / counted) : 0)
        }
        return voxels.isEmpty ? 0 : sum / Double(voxels.count)
    }
}
