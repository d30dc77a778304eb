internal import Diffraction
internal import Inpainting
internal import Volume

extension GapExample {
    /// A simulated patch, whose expected counts are known.
    init(_ patch: TrainingPatch, kriging: Kriging) {
        self.init(counts: patch.counts, mirror: patch.mirror, mask: patch.mask, kriging: kriging) { position in
            PhotonNoise.moments(expectation: patch.expected.storage[position])
        }
    }
}
