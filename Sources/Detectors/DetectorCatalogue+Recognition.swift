internal import Foundation
public import Volume

extension DetectorCatalogue {
    /// Tells the detector of a scan from what the file states and from the shape of its frames, or says why it cannot.
    ///
    /// Every statement that names known detectors must agree with the others and with the shape. Names of files are asked
    /// only where nothing else names a detector, since they hold names of samples too. A detector that is not enabled is
    /// recognised like any other; to leave its scans alone is up to the caller.
    ///
    /// - Parameters:
    ///   - frame: the shape of a frame as saved.
    ///   - operations: what was done to the raw image before saving.
    ///   - allowed: the names of the detectors to take; `nil` takes all. A single one counts as named by the user where the
    ///     file names none.
    public func recognise(
        evidence: [DetectorEvidence], frame: FrameShape, operations: ImageOperations, allowed: [String]? = nil
    ) throws(RecognitionError) -> Recognition {
        let allowed = try allowed?.map { (name) throws(RecognitionError) in
            guard let detector = self[name] else { throw .unknownName(name) }
            return detector.name
        }
        let fits = { (detector: Detector) in detector.placement(in: frame, operations: operations) != nil }
        let namings = try namings(evidence, frame: frame, operations: operations, fits: fits)

        guard let first = namings.first else {
            if let allowed, allowed.count == 1, let detector = self[allowed[0]], fits(detector) {
                var recognition = try Recognition(of: detector, frame: frame, operations: operations)
                recognition.evidence.insert("the settings name \(detector.name) only", at: 0)
                return recognition
            }
            let sameShape = detectors.filter(fits).map(\.name)
            let stated = evidence.filter { !$0.isGeneric && $0.source != .fileName }
            throw stated.isEmpty
                ? .unnamed(frame: frame, sameShape: sameShape)
                : .unknown(evidence: stated, frame: frame, sameShape: sameShape)
        }

        var candidates = first.detectors
        for naming in namings {
            let agreed = candidates.filter(naming.detectors.contains)
            if agreed.isEmpty {
                throw .conflict(
                    first.evidence, names: candidates.map(\.name),
                    naming.evidence, otherNames: naming.detectors.map(\.name)
                )
            }
            candidates = agreed
        }
        guard candidates.contains(where: fits) else {
            throw .shapeMismatch(
                evidence: first.evidence, detectors: candidates, frame: frame, operations: operations)
        }
        candidates = candidates.filter(fits)
        if let allowed {
            let names = candidates.map(\.name)
            candidates.removeAll { !allowed.contains($0.name) }
            if candidates.isEmpty { throw .notAllowed(names: names, allowed: allowed) }
        }
        var lines = namings.map(\.description)
        for sensor in evidence where sensor.source == .sensorMaterial && candidates.count > 1 {
            let naming = Naming(
                evidence: sensor, detectors: candidates.filter(detectors(namedBy: sensor.text).contains))
            if naming.detectors.isEmpty { continue }
            candidates = naming.detectors
            lines.append(naming.description)
        }
        guard candidates.count == 1 else { throw .ambiguous(names: candidates.map(\.name), frame: frame) }

        var recognition = try Recognition(of: candidates[0], frame: frame, operations: operations)
        recognition.evidence.insert(contentsOf: lines, at: 0)
        return recognition
    }
}

/// A statement and the detectors that it names.
private struct Naming: CustomStringConvertible {
    var evidence: DetectorEvidence
    var detectors: [Detector]

    var description: String { "\(evidence) names \(detectors.map(\.name).shortList)" }
}

extension DetectorCatalogue {
    /// The statements that name known detectors, most specific first; file names only where nothing else does.
    ///
    /// - Throws: ``RecognitionError`` when one of them names only detectors that cannot yield the frame.
    private func namings(
        _ evidence: [DetectorEvidence], frame: FrameShape, operations: ImageOperations, fits: (Detector) -> Bool
    ) throws(RecognitionError) -> [Naming] {
        let stated = evidence.filter { ![.fileName, .sensorMaterial].contains($0.source) && !$0.isGeneric }
            .map { Naming(evidence: $0, detectors: detectors(namedBy: $0.text)) }
            .filter { !$0.detectors.isEmpty }
        if stated.isEmpty {
            return evidence.filter { $0.source == .fileName }
                .map { Naming(evidence: $0, detectors: detectors(namedByFile: $0.text).filter(fits)) }
                .filter { !$0.detectors.isEmpty }
        }
        if let wrong = stated.first(where: { !$0.detectors.contains(where: fits) }) {
            throw .shapeMismatch(
                evidence: wrong.evidence, detectors: wrong.detectors, frame: frame, operations: operations)
        }
        return stated.sorted { $0.detectors.count < $1.detectors.count }
    }

    /// The detectors whose file patterns or names the name of a file holds.
    private func detectors(namedByFile path: String) -> [Detector] {
        let name = String(path.split(separator: "/").last ?? "")
        let matching = detectors.filter { detector in
            detector.filePatterns.contains { fnmatch($0.lowercased(), name.lowercased(), 0) == 0 }
        }
        return matching.isEmpty ? detectors(namedBy: name) : matching
    }
}

extension DetectorEvidence {
    /// Says nothing of the make: “data”, “photon counting”, “instrument 1”.
    fileprivate var isGeneric: Bool {
        text.detectorWords.allSatisfy { Self.genericWords.contains($0) || Int($0) != nil }
    }

    private static let genericWords: Set<String> = [
        "area", "array", "camera", "counting", "d", "data", "detector", "detectors", "entry", "frame", "frames",
        "hybrid", "image", "images", "instrument", "lima", "measurement", "photon", "pixel", "scan", "unknown",
    ]
}
