internal import Foundation
internal import Inpainting
public import Volume

/// How well one fill meets the hidden voxels of one window.
public struct WindowScore: Sendable, Equatable {
    /// Pearson correlation of log(1+I) with the photons counted; 0 where the fill does not vary.
    public var pcc = 0.0
    /// The same with the photons expected; `nil` where these are unknown.
    public var pccNoiseFree: Double?
    /// Sum of the squared errors of log(1+I) against the photons counted.
    public var squaredError = 0.0
    /// What that sum would be if the fill were the truth, and photon noise all that is left.
    public var photonNoise = 0.0
    /// Number of voxels for which the fill states an uncertainty.
    public var statedVoxels = 0
    /// How many of these lie within one and two stated standard uncertainties, in counts, of the photons counted.
    public var withinOneSigma = 0
    public var withinTwoSigma = 0
}

extension WindowScore {
    /// - Parameters:
    ///   - fill: the window, its hidden voxels filled.
    ///   - errors: standard uncertainties in counts; NaN or `nil` where there are none.
    ///   - counts: what was counted there.
    ///   - noiseFree: what was expected there.
    ///   - hidden: positions in a frame of the voxels that are scored.
    public init(
        fill: Volume<Float>, errors: Volume<Float>? = nil, counts: Volume<Float>, noiseFree: Volume<Float>? = nil,
        hidden: [Int]
    ) {
        self.init()
        var measured = Correlation()
        var expected = Correlation()
        for frame in 0..<fill.shape.frames {
            let base = frame * fill.shape.frame.count
            for pixel in hidden {
                let voxel = base + pixel
                let estimate = log1p(Double(fill.storage[voxel]))
                measured.add(log1p(Double(counts.storage[voxel])), estimate)
                if let noiseFree { expected.add(log1p(Double(noiseFree.storage[voxel])), estimate) }
                photonNoise += PhotonNoise.squaredError(expectation: fill.storage[voxel])
                if let sigma = errors?.storage[voxel], !sigma.isNaN {
                    let distance = abs(counts.storage[voxel] - fill.storage[voxel])
                    statedVoxels += 1
                    if distance <= sigma { withinOneSigma += 1 }
                    if distance <= 2 * sigma { withinTwoSigma += 1 }
                }
            }
        }
        pcc = measured.pearson ?? 0
        pccNoiseFree = noiseFree == nil ? nil : expected.pearson ?? 0
        squaredError = max(0, measured.squaredDifference)
    }
}
