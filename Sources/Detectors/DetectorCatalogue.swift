internal import Foundation
public import Settings

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
