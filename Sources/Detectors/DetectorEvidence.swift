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
        /// NXdetector `sensor_material`: decides between versions of a detector, never names one.
        case sensorMaterial = "sensor material"
        /// The name of the group that holds the frames, e.g. `mpx1x4`.
        case groupName = "group name"
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
