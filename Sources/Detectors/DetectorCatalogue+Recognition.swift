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
        if let sensor = try material(told: evidence, of: candidates) {
            candidates = candidates.filter { $0.sensor == nil || $0.sensor == sensor.material }
            if candidates.contains(where: { $0.sensor != nil }) {
                lines.append("\(sensor.evidence) tells a sensor of \(sensor.material.rawValue)")
            }
        } else if candidates.count > 1 {
            // The full name of the one leaves out what the other's says.
            let full = namings.flatMap { detectors(namedInFullBy: $0.evidence.text) }
            let named = candidates.filter(full.contains)
            if named.count == 1 { candidates = named }
        }
        guard candidates.count == 1 else { throw .ambiguous(names: candidates.map(\.name), frame: frame) }

        var recognition = try Recognition(of: candidates[0], frame: frame, operations: operations)
        recognition.evidence.insert(contentsOf: lines, at: 0)
        return recognition
    }
}

extension DetectorCatalogue {
    /// The sensor's material as stated; `nil` where nothing states it.
    ///
    /// - Throws: ``RecognitionError`` where statements contradict one another, or all of the detectors.
    private func material(
        told evidence: [DetectorEvidence], of candidates: [Detector]
    ) throws(RecognitionError) -> (material: SensorMaterial, evidence: DetectorEvidence)? {
        guard candidates.contains(where: { $0.sensor != nil }) else { return nil }
        let told = evidence.compactMap { statement in statement.material.map { (material: $0, evidence: statement) } }
        guard let first = told.first else { return nil }
        if let other = told.first(where: { $0.material != first.material }) {
            throw .materials(first.evidence, other.evidence)
        }
        guard candidates.contains(where: { $0.sensor == nil || $0.sensor == first.material }) else {
            throw .wrongMaterial(first.evidence, names: candidates.map(\.name))
        }
        return first
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
            .filter { !$0.detectors.isEmpty && !isOfAnotherSize($0) }
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

    /// True for a description that names a make and a size of it that is not known: “EIGER2 3.5M-WAXS”.
    private func isOfAnotherSize(_ naming: Naming) -> Bool {
        naming.evidence.source != .groupName && isOfAnotherSize(naming.evidence.text, than: naming.detectors)
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
