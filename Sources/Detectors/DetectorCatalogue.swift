internal import Foundation
public import Settings
public import Volume

/// The detectors described in one or more directories of YAML files.
public struct DetectorCatalogue: Sendable {
    /// In the order of description.
    public private(set) var detectors: [Detector] = []

    /// What each detector is recognised by, as words, with its position in `detectors`.
    private var phrases: [Phrase] = []

    private struct Phrase {
        var words: [String]
        /// The same without those that tell the sensor.
        var model: [String]
        var detector: Int
    }

    /// Reads every `*.yaml` of the directories, each in the order of file names.
    ///
    /// A detector that an earlier directory describes is overridden by the keys that a later one gives.
    ///
    /// - Parameter directories: the first must exist; one that is missing among the others holds no overrides.
    /// - Throws: ``SettingsError`` with file, line and key.
    public init(directories: [String]) throws(SettingsError) {
        for (number, directory) in directories.enumerated() {
            guard let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
                if number > 0, !FileManager.default.fileExists(atPath: directory) { continue }
                throw SettingsError(file: directory, line: nil, key: "", problem: "cannot be read as a directory")
            }
            var described: [[String]: String] = [:]
            for entry in entries.sorted() where entry.hasSuffix(".yaml") && !entry.hasPrefix(".") {
                try read(SettingsValue(contentsOf: "\(directory)/\(entry)"), described: &described)
            }
        }
        phrases = detectors.indices.flatMap { index in
            ([detectors[index].name] + detectors[index].names).map { name in
                let words = name.detectorWords
                return Phrase(words: words, model: words.withoutMaterial, detector: index)
            }
        }
    }

    /// The detector of this name or, where only one has it, of this further name; case and punctuation do not matter.
    public subscript(name: String) -> Detector? {
        let words = name.detectorWords
        if let detector = detectors.first(where: { $0.name.detectorWords == words }) { return detector }
        let found = Set(phrases.filter { $0.words == words }.map(\.detector))
        return found.count == 1 ? found.first.map { detectors[$0] } : nil
    }

    /// The detectors that a text names: those with the longest name in it, whatever their sensors.
    ///
    /// “EIGER2 CdTe 1M” holds “eiger”, “eiger 2” and “eiger 2 1m”; the last one counts.
    public func detectors(namedBy text: String) -> [Detector] {
        longest(\.model, in: text.detectorWords.withoutMaterial)
    }

    /// The detectors whose name a text gives with all that it says of the sensor: “EIGER2 4M” is the one of silicon.
    func detectors(namedInFullBy text: String) -> [Detector] { longest(\.words, in: text.detectorWords) }

    private func longest(_ name: KeyPath<Phrase, [String]>, in words: [String]) -> [Detector] {
        let found = phrases.filter { !$0[keyPath: name].isEmpty && words.contains($0[keyPath: name]) }
        let length = found.map { $0[keyPath: name].count }.max()
        let positions = Set(found.filter { $0[keyPath: name].count == length }.map(\.detector))
        return positions.sorted().map { detectors[$0] }
    }

    /// Whether a text tells a size that none of these detectors has.
    func isOfAnotherSize(_ text: String, than detectors: [Detector]) -> Bool {
        let sizes = text.detectorSizes
        return !sizes.isEmpty
            && !detectors.contains { detector in
                ([detector.name] + detector.names).contains { name in name.detectorSizes.contains(where: sizes.contains)
                }
            }
    }

    /// Reads one file: one detector, or a `family` of keys in common and a list of `detectors`.
    ///
    /// - Parameter described: the names that this directory has described so far, with their places.
    private mutating func read(_ file: SettingsValue, described: inout [[String]: String]) throws(SettingsError) {
        try file.mapping { (keys) throws(SettingsError) in
            guard let members = keys["detectors"] else {
                return try describe(&keys, family: nil, described: &described)
            }
            let family = keys["family"]
            for member in try members.list() {
                try member.mapping { (keys) throws(SettingsError) in
                    try describe(&keys, family: family, described: &described)
                }
            }
        }
    }

    private mutating func describe(
        _ keys: inout SettingsMapping, family: SettingsValue?, described: inout [[String]: String]
    ) throws(SettingsError) {
        let place = try keys.required("name")
        let name = try place.string()
        let words = name.detectorWords
        if words.isEmpty { throw place.error("a name needs letters or digits") }
        if let other = described[words] { throw place.error("“\(name)” is described already in \(other)") }
        described[words] = place.line.map { "\(place.file):\($0)" } ?? place.file

        let position = detectors.firstIndex { $0.name.detectorWords == words }
        var detector = position.map { detectors[$0] } ?? Detector(name: name)
        try family?.mapping { (keys) throws(SettingsError) in try detector.read(&keys) }
        try detector.read(&keys)
        try detector.validate(at: place)
        detector.sources.append(place.file)
        if let position { detectors[position] = detector } else { detectors.append(detector) }
    }
}

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
            let stated = evidence.filter { !$0.isGeneric && ![.fileName, .profile].contains($0.source) }
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
            let full = namings.map { naming in
                candidates.filter(detectors(namedInFullBy: naming.evidence.text).contains)
            }
            let named = full.reduce(candidates) { named, full in full.isEmpty ? named : named.filter(full.contains) }
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
        let stated = evidence.filter { ![.fileName, .profile, .sensorMaterial].contains($0.source) && !$0.isGeneric }
            .map { Naming(evidence: $0, detectors: detectors(namedBy: $0.text)) }
            .filter { !$0.detectors.isEmpty && !isOfAnotherSize($0) }
        if stated.isEmpty {
            if let profile = evidence.first(where: { $0.source == .profile }) {
                return [try naming(by: profile, frame: frame, operations: operations, fits: fits)]
            }
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

    /// The detectors of a facility that can yield the frame.
    private func naming(
        by profile: DetectorEvidence, frame: FrameShape, operations: ImageOperations, fits: (Detector) -> Bool
    ) throws(RecognitionError) -> Naming {
        let named = try profile.text.split(separator: ", ").map { (name) throws(RecognitionError) in
            guard let detector = self[String(name)] else { throw .unknownName(String(name)) }
            return detector
        }
        let fitting = named.filter(fits)
        guard !fitting.isEmpty else {
            throw .shapeMismatch(evidence: profile, detectors: named, frame: frame, operations: operations)
        }
        return Naming(evidence: profile, detectors: fitting)
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
