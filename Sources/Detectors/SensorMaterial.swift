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
