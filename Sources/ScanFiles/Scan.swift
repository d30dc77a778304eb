public import Detectors
internal import Foundation
internal import WorkMessages

/// One scan as found in a file: what it says about itself, where its frames are and whether they can be read.
///
/// Axis order everywhere: (frame, slow = row, fast = column). A value: no file stays open.
public struct Scan: Sendable {
    /// The file that was looked at.
    public var input: String
    /// The BLISS scan number; `nil` for layouts with one scan per file.
    public var number: Int?
    /// The HDF5 entry, e.g. `/1.1`; `/` where there are no entries.
    public var entry: String
    /// The BLISS device whose frames these are, where the entry holds those of several, e.g. `mpx1x4`.
    public internal(set) var device: String?
    /// What the name of the output has after the stem of the file; see ``setLabel(_:amongSeveralDatasets:)``.
    public internal(set) var label = ""
    /// Whether several detectors of the entry are taken.
    var sharesEntry = false
    /// The profile of the facility by which it was read; `nil` for none.
    public internal(set) var profile: String?
    /// The exposures at each point; 1 where each frame is a point.
    public internal(set) var exposures = 1
    /// How many frames are added to one.
    public internal(set) var addedExposures = 1
    /// What a person should know of the scan beside its frames.
    public var remarks: [String] = []
    /// Whether none of the frames' files was ever written, e.g. of a camera whose saving was off.
    public internal(set) var savedNothing = false
    /// What was asked for, e.g. `ascan eta 18 19 50 1`.
    public var title: String?
    /// As written in the file, ISO 8601.
    public var startTime: String?
    /// As written in the file, ISO 8601.
    public var endTime: String?
    /// BLISS: `SUCCESS`, `FAILURE`, `USER_ABORT` or `DELETION`.
    public var endReason: String?
    /// BLISS: `STARTING`, `RUNNING`, `SUCCEEDED` or `FAILED`.
    public var writerStatus: String?
    /// The frames; `nil` when the scan has none, or none that can be found.
    public var stack: FrameStack?
    /// Everything that may be the frames, as ``FrameStack/dataset`` names it; one of several has to be asked for.
    public var candidates: [String] = []
    public var completeness = ScanCompleteness()
    /// Every statement about which detector took the frames.
    public var evidence: [DetectorEvidence] = []
    /// What Lima did to the images before saving them.
    public var operations = ImageOperations()
    public var detector = DetectorFields()
    /// The mask of unusable pixels that comes with the frames.
    public var pixelMask: RecordedMask?
    public var scannedMotor: ScannedMotor?
    /// Metadata that an output file should carry on.
    public var groupsToCopy: [GroupToCopy] = []
    /// Why the frames cannot be read, found without reading them; of kind ``ScanFileError/Kind/incomplete`` when the
    /// scan has not ended yet.
    public var problem: ScanFileError?
    /// The longest time, in seconds, that passed so far from one of its files to the next, where each frame has its own.
    public internal(set) var framePause: Double?
    /// Changes when the raw data of this scan changes: its frame files or its end.
    public var fingerprint = ""

    init(input: String, number: Int? = nil, entry: String) {
        self.input = input
        self.number = number
        self.entry = entry
    }
}

/// A motor that moved during a scan.
public struct ScannedMotor: Sendable, Equatable {
    /// e.g. `eta`.
    public var name: String
    /// One position for each frame that was written, in ``units``.
    public var values: [Double]
    public var units: String?
}

/// An HDF5 group that an output file should carry on.
public struct GroupToCopy: Sendable, Equatable {
    /// The file that holds the group itself, past all links.
    public var file: String
    /// Its path within `file`.
    public var path: String
    /// Where it belongs below the output's entry, e.g. `instrument/positioners`.
    public var destination: String
}

/// What a file says about the detector, in SI units and pixels; `nil` where it is silent.
public struct DetectorFields: Sendable, Equatable {
    /// Metres along the columns axis (fast).
    public var xPixelSize: Double?
    /// Metres along the rows axis (slow).
    public var yPixelSize: Double?
    /// Metres between sample and detector.
    public var distance: Double?
    /// Pixels along the columns axis (fast).
    public var beamCenterX: Double?
    /// Pixels along the rows axis (slow).
    public var beamCenterY: Double?
    /// Extent of the columns axis as stated, BLISS `dim_i`.
    public var columns: Int?
    /// Extent of the rows axis as stated, BLISS `dim_j`.
    public var rows: Int?
    /// Counts from which on a pixel is saturated.
    public var saturationValue: Double?
    /// Bits of a stored voxel.
    public var imageBitDepth: Int?
    /// Bits of the detector's counter.
    public var readoutBitDepth: Int?
    /// Bits of a pixel as Lima has it from the camera.
    public var limaBitDepth: Int?
    /// True when masked pixels were overwritten by a flag value.
    public var pixelMaskApplied: Bool?

    public init() {}

    /// Bits of what an image's counts may add up to, from the statement that is closest to the images.
    public var statedBitDepth: Int? { imageBitDepth ?? readoutBitDepth ?? limaBitDepth }
}

extension Scan {
    /// Takes over what the group of a detector says.
    mutating func describe(detector group: LinkedGroup, sources: [SourceFile]) {
        detector = DetectorFields(nexus: group)
        if let text = group.text("description") {
            evidence.append(DetectorEvidence(source: .nexusDescription, text: text))
        }
        if let text = group.text("sensor_material") {
            evidence.append(DetectorEvidence(source: .sensorMaterial, text: "\(text) sensor"))
        }
        if let text = group.text("type") { evidence.append(DetectorEvidence(source: .nexusType, text: text)) }
        if let name = group.path.split(separator: "/").last {
            evidence.append(DetectorEvidence(source: .groupName, text: String(name)))
        }
        if let file = sources.first {
            evidence.append(DetectorEvidence(source: .fileName, text: URL(filePath: file.path).lastPathComponent))
        }
    }
}

extension LimaImages {
    /// Adds what Lima knows, and puts it first: it comes from the detector itself.
    func describe(_ scan: inout Scan) {
        scan.evidence.insert(contentsOf: evidence, at: 0)
        scan.operations = operations
        complete(&scan.detector)
    }
}

extension LinkedGroup {
    /// A group to carry on to an output file, under the same path; `nil` when there is none.
    func groupToCopy(_ path: String) -> GroupToCopy? {
        child(path).map { GroupToCopy(file: $0.file.path, path: $0.path, destination: path) }
    }
}

extension SourceFile {
    /// What changes with the file's content.
    var fact: String { "\(URL(filePath: path).lastPathComponent) \(size) \(modificationTime)" }
}

extension Scan {
    /// Says that each point has so many exposures, and what becomes of them.
    mutating func setExposures(_ count: Int, use: ExposureUse?) {
        guard count > 1 else { return }
        exposures = count
        guard use == .sum else {
            let advice = use == nil ? "; `series: sum` adds them" : ""
            remarks.append("each of the \(count) exposures at a point is a frame\(advice)")
            return
        }
        addedExposures = count
        remarks.append("the \(count) exposures at each point were added")
        let rest = completeness.framesWritten % count
        if rest > 0 { remarks.append("the last point has \(rest) of \(count) exposures: left out") }
    }

    /// A motor's positions, one for each frame or one for each point, as one for each frame of the output.
    ///
    /// - Parameter find: gives what has at least so many positions.
    func motor(_ find: (_ count: Int) -> ScannedMotor?) -> ScannedMotor? {
        let written = completeness.framesWritten
        guard exposures > 1 else { return find(written) }
        if addedExposures > 1 { return find(written / addedExposures) }
        if let motor = find(written) { return motor }
        guard var motor = find((written + exposures - 1) / exposures) else { return nil }
        motor.values = (0..<written).map { motor.values[$0 / exposures] }
        return motor
    }

    /// What the name of this scan's output has after the stem of the file: nothing, or `_scan0012`.
    ///
    /// Everything that could be taken for the same scan gets a part of its own: a second time base `_scan0012.2`, the
    /// dataset where a master links to several `_crystal_0002_scan0012`, a detector where several of a scan are taken
    /// `_scan0012_mpx1x4`.
    mutating func setLabel(_ name: BlissEntryName, amongSeveralDatasets: Bool) {
        let digits = "\(name.scan)"
        let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        label =
            (amongSeveralDatasets && !name.dataset.isEmpty ? "_\(name.dataset)" : "") + "_scan\(number)"
            + (name.subscan == 1 ? "" : ".\(name.subscan)") + (sharesEntry ? "_\(device ?? "")" : "")
    }

    /// What tells this scan from all others of its file: its entry, or the group of its detector where several detectors
    /// of the entry are taken.
    public var key: String { sharesEntry ? "\(entry)/instrument/\(device ?? "")" : entry }

    /// Says that other detectors of the same entry are taken, too.
    public mutating func shareEntry() {
        guard let device, !sharesEntry else { return }
        sharesEntry = true
        label += "_\(device)"
    }
}
