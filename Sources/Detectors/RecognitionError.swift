public import Volume

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
    public var tellsOfNoDetector: Bool {
        switch self {
        case .unnamed(_, let sameShape): sameShape.isEmpty
        case .unknown(let evidence, _, let sameShape):
            sameShape.isEmpty && evidence.contains { !Self.spectrometers.isDisjoint(with: $0.text.detectorWords) }
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
            ? "no known detector has this shape: describe it or give a mask"
            : "of this shape: \(sameShape.joined(separator: ", ")); give the name of the detector"
    }
}

extension [String] {
    /// At most four of them.
    var shortList: String {
        count <= 4 ? joined(separator: ", ") : prefix(3).joined(separator: ", ") + " and \(count - 3) more"
    }
}
