public import Diffraction
public import Volume

/// A volume from which windows are drawn, (frame, slow = row, fast = column).
public struct StudyVolume: Sendable {
    /// What is known of a simulated crystal.
    public struct Traits: Sendable, Equatable {
        public var family: CrystalFamily
        /// Pixels per fringe along (frame, row, column).
        public var oversampling: SIMD3<Double>
    }

    /// Photons counted; the truth that every fill is held against.
    public var counts: Volume<Float>
    /// Photons expected; `nil` for a measurement.
    public var noiseFree: Volume<Float>?
    /// Pixels that no window may contain.
    public var unusable: PixelMask
    /// `nil` for a measurement.
    public var traits: Traits?

    /// How many photons a voxel is sure of: those expected, or those counted where that is all there is.
    var signal: Volume<Float> { noiseFree ?? counts }
}

/// Where a study takes its volumes from.
public protocol VolumeSource: Sendable {
    /// As the tables call it: `simulated`, or the name of a file.
    var name: String { get }
    /// Over how many volumes the windows are spread.
    var plannedVolumes: Int { get }
    /// How many volumes are tried at most, since some may be too dim for their share of the windows.
    var availableVolumes: Int { get }

    /// - Parameter index: 0 ..< `availableVolumes`; the same index gives the same volume.
    func volume(_ index: Int) -> StudyVolume
}
