/// What a detector's sensor is made of. Crystals of other materials than silicon are smaller than a module, which leaves
/// seams of their own.
public enum SensorMaterial: String, Hashable, Sendable, Codable, CaseIterable {
    case silicon = "Si"
    case cadmiumTelluride = "CdTe"
    case galliumArsenide = "GaAs"

    /// The words by which each is called, in any case.
    fileprivate static let words: [String: SensorMaterial] = [
        "si": .silicon, "silicon": .silicon, "cdte": .cadmiumTelluride, "cadmium": .cadmiumTelluride,
        "telluride": .cadmiumTelluride, "gaas": .galliumArsenide, "gallium": .galliumArsenide,
        "arsenide": .galliumArsenide,
    ]
}

extension DetectorEvidence {
    /// The material that a statement tells; names of groups and files may speak of the sample.
    var material: SensorMaterial? {
        guard ![.groupName, .fileName].contains(source) else { return nil }
        return text.detectorWords.lazy.compactMap { SensorMaterial.words[$0] }.first
    }
}

extension [String] {
    /// Words of a detector's name without those that tell its sensor, which may stand before or behind the size.
    var withoutMaterial: [String] { filter { SensorMaterial.words[$0] == nil } }
}

extension String {
    /// The runs of letters and of digits in lower case, by which names of detectors are compared.
    ///
    /// “EIGER2 X CdTe 1M-W”, “Eiger2CdTe_1MW” and “eiger2-cdte-1m-w” are all eiger, 2, cdte, 1, m, w: letters that only
    /// tell versions of one geometry (Dectris X, XE, R, S) are left out, and the W of wide stands alone.
    var detectorWords: [String] {
        var words: [String] = []
        var kind = Kind.other
        for character in lowercased() {
            let previous = kind
            kind = Kind(character)
            switch kind {
            case .other: continue
            case previous: words[words.endIndex - 1].append(character)
            default: words.append(String(character))
            }
        }
        words = words.flatMap { $0 == "kw" || $0 == "mw" ? [String($0.prefix(1)), "w"] : [$0] }
        return words.prefix(1) + words.dropFirst().filter { !["x", "xe", "r", "s"].contains($0) }
    }

    /// The sizes that it tells, such as “4m” or “3.5m”.
    var detectorSizes: [String] {
        lowercased().matches(of: /(\d+(\.\d+)?)[ _-]?([km])\b/).map { $0.1 + $0.3 }.map(String.init)
    }

    private enum Kind {
        case letter, digit, other

        init(_ character: Character) {
            self = character.isLetter ? .letter : character.isNumber ? .digit : .other
        }
    }
}
