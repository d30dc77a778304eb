public import Detectors
public import Diffraction
public import Foundation
internal import ScanFiles
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

extension SimulationRecipe {
    /// Writes the scan; blocks the calling thread until the last file is closed.
    ///
    /// - Parameters:
    ///   - clock: `nil` takes the time of day, or the time that `startTime` sets.
    ///   - progress: told the number of frames written and the number asked for.
    /// - Throws: ``RecipeError`` for what cannot be simulated, `ScanFileError` for what cannot be written.
    @discardableResult
    public func run(
        clock: AcquisitionClock? = nil, progress: (_ written: Int, _ frames: Int) -> Void = { _, _ in }
    ) throws -> SimulatedScan {
        try validate()
        let placement = try PeakPlacement(on: detector, region: region)
        let record = DetectorRecord(
            of: detector, saved: (placement.rows.saved, placement.columns.saved), fill: seam,
            flag: flagsBlindPixels ? .max : 0)
        let description = scanDescription(placement)
        try createDirectory(directory)
        let writer = try writer(description, record: record)
        let source = source(placement, window: record.window)
        let truth = try truthFile(beside: writer, source: source, record: record, placement: placement)

        var acquisition = Acquisition(clock: clock ?? defaultClock)
        acquisition.secondsPerFrame = secondsPerFrame(description)
        acquisition.interruption = interruption
        var written = 0
        try acquisition.run(
            frames: description.frames, writer: writer,
            progress: { frames in
                written = frames
                progress(frames, description.frames)
            },
            frame: { index in
                let frame = source.frame(index)
                let expected = frame.expected.map(record.crop)
                try truth?.write(SourceFrame(counts: record.crop(frame.counts), expected: expected), index: index)
                return record.record(frame.counts)
            })
        return SimulatedScan(
            scanFile: writer.scanFile, scanNumber: (writer as? BlissScanWriter)?.number,
            frameFiles: writer.frameFiles, truthFile: truth?.path,
            shape: VolumeShape(frames: description.frames, frame: description.frame), framesWritten: written,
            peakRow: placement.rows.peakInSaved, peakColumn: placement.columns.peakInSaved)
    }

    private func validate() throws(RecipeError) {
        guard measured != nil || frames > 0 else { throw RecipeError("a scan of \(frames) frames") }
        guard measured.map({ $0.shape.count > 0 }) ?? true else { throw RecipeError("the measured stack is empty") }
        guard oversampling >= 1.5 else { throw RecipeError("an oversampling of \(oversampling), less than 1.5") }
        guard peakCounts > 0, peakCounts < 4e9 else { throw RecipeError("a peak of \(peakCounts) counts") }
        guard (0...1e6).contains(background) else { throw RecipeError("a background of \(background) counts") }
        if let size = atoms?.size, !(2...50).contains(size) {
            throw RecipeError("a crystal of \(size) nm, expected 2 to 50")
        }
        guard strain >= 0 else { throw RecipeError("a strain of \(strain) radians") }
        guard framesPerFile ?? 1 > 0 else { throw RecipeError("files of no frame") }
        guard liveSeconds ?? 0 >= 0 else { throw RecipeError("a scan of \(liveSeconds ?? 0) seconds") }
    }

    /// The time of day, or that which `startTime` sets and live frames move on.
    private var defaultClock: AcquisitionClock {
        guard let startTime else { return .system }
        guard liveSeconds != nil else { return .simulated(from: startTime) }
        return .simulated(from: startTime, pause: AcquisitionClock.system.sleep)
    }

    private func secondsPerFrame(_ description: ScanDescription) -> Double? {
        if let liveSeconds { return liveSeconds / Double(description.frames) }
        return startTime == nil ? nil : description.exposureSeconds
    }

    private func scanDescription(_ placement: PeakPlacement) -> ScanDescription {
        let frames = measured?.shape.frames ?? frames
        let saved = FrameShape(rows: placement.rows.saved.count, columns: placement.columns.saved.count)
        var description = ScanDescription(
            frames: frames, frame: saved, detector: DetectorIdentity(detector, name: detectorName),
            compression: compression, framesPerFile: min(framesPerFile ?? frames, frames))
        if region != nil {
            description.operations.region = ImageOperations.Region(
                firstRow: placement.rows.saved.lowerBound, firstColumn: placement.columns.saved.lowerBound,
                rows: saved.rows, columns: saved.columns)
        }
        let halfTravel = ScanDescription.degreesPerFrame * Double(max(1, frames - 1)) / 2
        description.travel = 18.4 - halfTravel...18.4 + halfTravel
        description.beamCentre = (Double(placement.rows.peakInSaved), Double(placement.columns.peakInSaved))
        description.sample = sample
        description.dataset = dataset
        return description
    }

    private func writer(_ description: ScanDescription, record: DetectorRecord) throws(ScanFileError) -> any ScanWriter
    {
        func saved(_ mask: PixelMask) -> PixelMask {
            mask.cropped(rows: record.saved.rows, columns: record.saved.columns)
        }
        switch layout {
        case .bliss: return try BlissScanWriter(directory: directory, description: description)
        case .lima: return try LimaScanWriter(directory: directory, description: description)
        case .nexus:
            let gaps = saved(detector.gapMask(.bare)).nexusValues(.gap)
            let dead = saved(detector.badMask).nexusValues(.dead)
            return try NexusScanWriter(
                directory: directory, description: description, pixelMask: zip(gaps, dead).map { $0 | $1 })
        case .npz:
            let mask = saved(detector.defaultMask).storage.map { UInt8($0 ? 1 : 0) }
            return try NumpyScanWriter(directory: directory, description: description, mask: mask)
        }
    }

    private func source(
        _ placement: PeakPlacement, window: (rows: Range<Int>, columns: Range<Int>)
    ) -> any FrameSource {
        let shape = FrameShape(rows: window.rows.count, columns: window.columns.count)
        let row = placement.rows.peak - window.rows.lowerBound
        let column = placement.columns.peak - window.columns.lowerBound
        if let measured { return PlacedFrames(measured, on: shape, peak: (row, column), seed: seed) }
        var parameters = ScanParameters(
            shape: VolumeShape(frames: frames, frame: shape), oversampling: oversampling,
            brightness: .peak(peakCounts), seed: seed)
        parameters.peak = SIMD3(Double(frames / 2), Double(row), Double(column))
        parameters.background = background
        parameters.strain = strain
        return CrystalFrames(ScanSimulation(crystal, atoms: atoms, parameters: parameters))
    }

    private func truthFile(
        beside writer: any ScanWriter, source: any FrameSource, record: DetectorRecord, placement: PeakPlacement
    ) throws(ScanFileError) -> TruthFile? {
        guard writesTruth else { return nil }
        let number = (writer as? BlissScanWriter)?.number ?? 1
        let name = number == 1 ? "truth.h5" : String(format: "truth_%04d.h5", number)
        let folder = URL(filePath: writer.scanFile).deletingLastPathComponent().path
        try createDirectory(folder)
        return try TruthFile(
            creating: "\(folder)/\(name)", creator: "lacuna simulate \(version)",
            shape: VolumeShape(frames: source.shape.frames, frame: record.savedShape),
            hasExpectations: source.hasExpectations, parameters: parameters(placement))
    }

    private func parameters(_ placement: PeakPlacement) -> KeyValuePairs<String, ScanValue> {
        let peakRow = ScanValue.integer(placement.rows.peakInSaved)
        let peakColumn = ScanValue.integer(placement.columns.peakInSaved)
        if measured != nil {
            return [
                "detector": .text(detector.name), "seam": .text(seam.rawValue),
                "seed": .integer(Int(truncatingIfNeeded: seed)),
                "peak_row": peakRow, "peak_column": peakColumn, "measured_from": .text(measuredFrom ?? ""),
            ]
        }
        return [
            "detector": .text(detector.name), "seam": .text(seam.rawValue),
            "seed": .integer(Int(truncatingIfNeeded: seed)),
            "peak_row": peakRow, "peak_column": peakColumn, "peak_frame": .integer(frames / 2),
            "crystal": .text(crystal.rawValue), "atoms": .text(atoms?.metal.rawValue ?? "none"),
            "oversampling": .number(oversampling),
            "peak_counts": .number(peakCounts), "background": .number(background),
            "strain": .quantity(strain, units: "rad"),
        ]
    }
}

extension PeakPlacement.Axis {
    fileprivate var peakInSaved: Int { peak - saved.lowerBound }
}
