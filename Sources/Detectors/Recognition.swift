public import Volume

/// The detector of a scan and where its gaps lie in the frames as saved, (slow = row, fast = column).
public struct Recognition: Hashable, Sendable {
    /// How the saved frame lies to the detector's image after the recorded operations.
    public enum Orientation: String, Hashable, Sendable, Codable {
        case asGiven = "as given"
        /// Rows and columns exchanged by whoever wrote the file.
        case transposed
    }

    public let detector: Detector
    public let orientation: Orientation
    /// What is to be filled: the gaps in the detector's default form and its broken parts.
    public let mask: PixelMask
    /// The broken parts alone, which `mask` holds too.
    public let badMask: PixelMask
    /// The lines of the frame that hold sums over several pixels; `nil` where there are none, where pixels were binned and
    /// where the description says to mask them.
    public let edgePixels: EdgePixels?
    /// What the recognition rests on, one readable line each.
    public internal(set) var evidence: [String]

    /// Puts a detector that is known by other means, e.g. given by the user, into a frame.
    ///
    /// - Throws: ``RecognitionError/shapeMismatch(evidence:detectors:frame:operations:)`` when it cannot yield such a frame.
    public init(of detector: Detector, frame: FrameShape, operations: ImageOperations) throws(RecognitionError) {
        guard let (placement, orientation) = detector.placement(in: frame, operations: operations) else {
            throw .shapeMismatch(evidence: nil, detectors: [detector], frame: frame, operations: operations)
        }
        self.detector = detector
        self.orientation = orientation
        let isUnmoved = operations.isIdentity && orientation == .asGiven
        mask = isUnmoved ? detector.defaultMask : placement.move(detector.defaultMask)
        badMask = isUnmoved ? detector.badMask : placement.move(detector.badMask)
        let use = detector.processing.edgePixels ?? detector.edgePixelUse
        edgePixels = use == .auto ? detector.edgePixels.flatMap { placement.move($0) } : nil

        var line = "frame \(frame) equals the detector's shape"
        if !isUnmoved { line += " \(detector.shape)" }
        if !operations.isIdentity { line += " after \(operations)" }
        if orientation == .transposed { line += " with rows and columns exchanged" }
        evidence = [line]
    }

    /// NXdetector `pixel_mask` of the frame, row-major: bit 0 in gaps, bit 1 where broken.
    public var nexusPixelMask: [UInt32] {
        zip(mask.storage, badMask.storage).map { isMasked, isBad in
            isBad ? NexusPixelStatus.dead.rawValue : isMasked ? NexusPixelStatus.gap.rawValue : 0
        }
    }
}

extension Detector {
    /// How its image becomes the frame; `nil` where it cannot.
    func placement(
        in frame: FrameShape, operations: ImageOperations
    ) -> (placement: FramePlacement, orientation: Recognition.Orientation)? {
        guard let placement = FramePlacement(raw: shape, operations: operations) else { return nil }
        if placement.shape == frame { return (placement, .asGiven) }
        if placement.shape == frame.transposed { return (placement.transposed, .transposed) }
        return nil
    }
}

/// Why the detector of a scan cannot be told. It is never guessed.
public enum RecognitionError: Error, Hashable, Sendable {
    /// Nothing beside the shape speaks of a detector.
    case unnamed(frame: FrameShape, sameShape: [String])
    /// What is stated names no detector of the catalogue.
    case unknown(evidence: [DetectorEvidence], frame: FrameShape, sameShape: [String])
    /// No such name in the catalogue.
    case unknownName(String)
    /// Two statements name different detectors.
    case conflict(DetectorEvidence, names: [String], DetectorEvidence, otherNames: [String])
    /// The detectors stated cannot yield such a frame; `evidence` is `nil` where the user gave the name.
    case shapeMismatch(
        evidence: DetectorEvidence?, detectors: [Detector], frame: FrameShape, operations: ImageOperations)
    /// Several detectors fit.
    case ambiguous(names: [String], frame: FrameShape)
    /// Two statements tell different sensors.
    case materials(DetectorEvidence, DetectorEvidence)
    /// No detector of the names and shape stated has such a sensor.
    case wrongMaterial(DetectorEvidence, names: [String])
    /// Recognised, but the settings do not list it.
    case notAllowed(names: [String], allowed: [String])
}

extension RecognitionError {
    /// True where neither a name nor the shape speaks of any detector that is known, or a spectrometer is named: such
    /// frames are most likely no detector's images at all.
    public var namesNoDetector: Bool {
        switch self {
        case .unnamed(_, let sameShape): sameShape.isEmpty
        case .unknown(let evidence, _, let sameShape):
            sameShape.isEmpty && evidence.contains { !Self.spectrometers.isDisjoint(with: $0.text.detectorWords) }
        default: false
        }
    }

    /// True where nothing that is stated names a detector.
    public var isUnknown: Bool {
        switch self {
        case .unnamed, .unknown: true
        default: false
        }
    }

    /// True where statements contradict one another.
    public var isContradiction: Bool {
        switch self {
        case .conflict, .materials, .wrongMaterial: true
        default: false
        }
    }

    /// Words that name detectors of fluorescence.
    private static let spectrometers: Set<String> = [
        "dante", "falconx", "fluo", "fluorescence", "mca", "mercury", "spectrum", "vortex", "xmap", "xpress", "xrf",
        "xspress", "xspress3",
    ]
}

extension RecognitionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unnamed(let frame, let sameShape):
            "nothing names the detector of these frames of \(frame); \(Self.advice(sameShape))"
        case .unknown(let evidence, let frame, let sameShape):
            "no known detector is named by \(evidence.map(\.description).joined(separator: ", ")) "
                + "(frames of \(frame)); \(Self.advice(sameShape))"
        case .unknownName(let name):
            "no detector is called “\(name)”"
        case .conflict(let first, let names, let second, let otherNames):
            "contradiction: \(first) names \(names.shortList), but \(second) names \(otherNames.shortList)"
        case .shapeMismatch(let evidence, let detectors, let frame, let operations):
            "contradiction: \(evidence.map { "\($0) names" } ?? "the detector given is") "
                + detectors.map { "\($0.name) of \($0.shape)" }.shortList
                + ", which cannot be frames of \(frame)"
                + (operations.isIdentity
                    ? " (and no operation on the image is recorded)" : " after \(operations)")
        case .ambiguous(let names, let frame):
            "frames of \(frame) may be of \(names.joined(separator: ", ")); give the name of the detector"
        case .materials(let first, let second):
            "contradiction: \(first) and \(second) tell different sensors, which have different gaps"
        case .wrongMaterial(let evidence, let names):
            "contradiction: \(evidence) is not that of \(names.shortList), and its gaps are not known: describe it or give "
                + "a mask"
        case .notAllowed(let names, let allowed):
            "\(names.shortList) is not among the detectors to take (\(allowed.joined(separator: ", ")))"
        }
    }

    private static func advice(_ sameShape: [String]) -> String {
        sameShape.isEmpty
            ? "no known detector has this shape: describe it or give a mask, as for a region of interest of a detector"
            : "of this shape: \(sameShape.joined(separator: ", ")); give the name of the detector"
    }
}

extension [String] {
    /// At most four of them.
    var shortList: String {
        count <= 4 ? joined(separator: ", ") : prefix(3).joined(separator: ", ") + " and \(count - 3) more"
    }
}

/// One statement found in or around a scan file about which detector took it.
public struct DetectorEvidence: Hashable, Sendable, Codable {
    /// Where the statement stands, from the most to the least trustworthy.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// Lima's `detector_information/type`.
        case limaType = "lima type"
        /// Lima's `detector_information/model`.
        case limaModel = "lima model"
        /// Lima's `detector_information/name`.
        case limaName = "lima name"
        /// NXdetector `description`.
        case nexusDescription = "nexus description"
        /// NXdetector `type`.
        case nexusType = "nexus type"
        /// A text in the header of an image file.
        case fileHeader = "file header"
        /// NXdetector `sensor_material`: decides between versions of a detector, never names one.
        case sensorMaterial = "sensor material"
        /// The name of the group that holds the frames, e.g. `mpx1x4`.
        case groupName = "group name"
        /// A facility's profile: the names of its detectors, which the shape tells apart; asked where the file names none.
        case profile
        /// The name of the file that holds the frames.
        case fileName = "file name"
    }

    public var source: Source
    /// The statement as found, e.g. "Dectris Eiger 9M".
    public var text: String

    public init(source: Source, text: String) {
        self.source = source
        self.text = text
    }
}

extension DetectorEvidence: CustomStringConvertible {
    public var description: String { "\(source.rawValue) “\(text)”" }
}
