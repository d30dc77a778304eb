public import Detectors
public import Diffraction
public import Foundation
public import Volume

/// What `lacuna simulate` writes: a crystal's or a measured pattern behind a detector, as an acquisition leaves it.
public struct SimulationRecipe: Sendable {
    /// Where the scan goes; with the BLISS layout, the directory of raw data.
    public var directory: String
    public var detector: Detector
    /// What the beamline calls the detector; `nil` takes a name by which it is known, e.g. `mpx1x4`.
    public var detectorName: String?
    public var layout = AcquisitionLayout.bliss
    public var compression = FrameCompression.gzip
    /// Extents of the part of the image that is saved, around the peak and the gap beside it; `nil` saves all of it.
    public var region: FrameShape?
    /// What the detector writes into the seams between its chips; without effect where there is no sensor in gaps.
    public var seam = SeamFill.raw
    /// Marks pixels that see nothing by the largest count, as Dectris does, and not by 0.
    public var flagsBlindPixels = false

    /// Number of frames of a simulated crystal.
    public var frames = 201
    public var crystal = CrystalFamily.wulff
    /// The atoms that the crystal is made of, 2 to 50 nm large; `nil` takes a body without atoms.
    public var atoms: AtomicModel?
    /// Pixels, and frames, per fringe; at least 1.5.
    public var oversampling = 5.0
    /// Expected counts in the brightest voxel.
    public var peakCounts = 1e5
    /// Expected counts per voxel that do not come from the crystal.
    public var background = 0.02
    /// Peak-to-valley range of the phase inside the crystal, in radians.
    public var strain = 1.5
    public var seed: UInt64 = 0
    /// A measured stack without gaps, taken instead of a crystal; (frame, slow, fast).
    public var measured: Volume<UInt32>?
    /// Where `measured` comes from, for the record.
    public var measuredFrom: String?

    /// Over how many seconds the frames arrive; `nil` writes them as fast as they come.
    public var liveSeconds: Double?
    /// When the scan started, for files that do not depend on when they are made; `nil` takes the time of day.
    public var startTime: Date?
    /// Frames in each Lima file; `nil` puts all into one.
    public var framesPerFile: Int?
    public var sample = "crystal"
    public var dataset = "0001"
    /// Ends the scan before its time.
    public var interruption: Interruption?
    /// Writes what the detector would have counted without gaps, too.
    public var writesTruth = true
    /// Stands in the truth's file after "lacuna simulate".
    public var version = "0"

    public init(directory: String, detector: Detector) {
        self.directory = directory
        self.detector = detector
    }
}

/// The files of a simulated scan.
public struct SimulatedScan: Sendable, Equatable {
    /// The file to give to `lacuna inpaint`.
    public var scanFile: String
    /// The number of the scan in a BLISS dataset file.
    public var scanNumber: Int?
    public var frameFiles: [String]
    public var truthFile: String?
    /// Extents as saved.
    public var shape: VolumeShape
    public var framesWritten: Int
    /// The position of the Bragg peak in the saved frames.
    public var peakRow: Int
    public var peakColumn: Int
}
