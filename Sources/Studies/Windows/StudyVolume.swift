public import Diffraction
internal import Inpainting
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
    /// The pixel of the brightest voxel: the Bragg peak.
    public let brightest: (row: Int, column: Int)

    /// The other side of the Bragg peak; `nil` where it tells nothing.
    var mirror: BraggMirror? {
        let shape = counts.shape
        let plan = GapPlan(mask: unusable, maximumWidth: 0)
        let block = FrameBlock(data: counts, plans: [GapPlan](repeating: plan, count: shape.frames))
        var peak = PeakSurvey()
        peak.add(block, firstFrame: 0)
        return peak.peak.flatMap { peak in
            BraggMirror(
                block, box: VoxelBox(frames: 0..<shape.frames, rows: 0..<shape.rows, columns: 0..<shape.columns),
                peak: peak)
        }
    }

    /// How many photons a voxel is sure of: those expected, or those counted where that is all there is.
    var signal: Volume<Float> { noiseFree ?? counts }

    /// - Precondition: `counts` holds at least one voxel.
    public init(
        counts: Volume<Float>, noiseFree: Volume<Float>? = nil, unusable: PixelMask, traits: Traits? = nil
    ) {
        self.counts = counts
        self.noiseFree = noiseFree
        self.unusable = unusable
        self.traits = traits
        let signal = (noiseFree ?? counts).storage
        var greatest = 0
        for voxel in signal.indices where signal[voxel] > signal[greatest] { greatest = voxel }
        let pixel = greatest % counts.shape.frame.count
        brightest = (pixel / counts.shape.columns, pixel % counts.shape.columns)
    }
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
