internal import Conventions
internal import Foundation
public import Settings

/// How a facility lays out its scan files, for those that do not say themselves which detector took the frames, where they
/// lie, or which motor moved.
///
/// Paths within a file are patterns: each component may be a shell pattern, e.g. `exp_*/scan_data/data_*`.
public struct FacilityProfile: Sendable, Equatable {
    /// A motor that a scan may have moved.
    struct Motor: Sendable, Equatable {
        /// Where its positions lie, one for each point.
        var path: String
        /// What it is called; by default after the dataset.
        var name: String?
        /// The attribute of the dataset that names it.
        var nameAttribute: String?
        /// In which it is told, where the dataset does not say.
        var units: String?
    }

    public let name: String
    /// For people.
    public private(set) var description = ""
    /// The file that it was read from.
    public let source: String
    /// Names or paths of the files for which it is meant.
    private(set) var files = PathRules()
    /// Names or paths of the directories of frames for which it is meant.
    private(set) var directories = PathRules()
    /// Whether it is taken only where it is named.
    public private(set) var isOnlyNamed = false
    /// What else must be in a file.
    private(set) var requirements: [String] = []
    /// Where the frames lie: the first that leads to a stack of images counts.
    private(set) var datasets: [String] = []
    /// The detectors of the facility, which the shape of the frames tells apart.
    public private(set) var detectors: [String] = []
    /// Texts in the file that name the detector.
    private(set) var detectorTexts: [String] = []
    /// Whether the second axis of frames with four is that of exposures at each point.
    private(set) var hasExposures = false
    private(set) var titles: [String] = []
    private(set) var motors: [Motor] = []
    private(set) var startTimes: [String] = []
    private(set) var endTimes: [String] = []

    /// Reads one profile.
    ///
    /// - Throws: ``SettingsError`` with file, line and key.
    public init(contentsOf file: String) throws(SettingsError) {
        try self.init(SettingsValue(contentsOf: file))
    }

    init(_ value: SettingsValue) throws(SettingsError) {
        self = try value.mapping { (keys) throws(SettingsError) in
            let name = try keys.required("name")
            var profile = FacilityProfile(name: try name.string(), source: value.file)
            if profile.name.isEmpty || profile.name.contains("/") {
                throw name.error("expected a name without slashes")
            }
            try profile.read(&keys)
            guard !profile.datasets.isEmpty || !profile.directories.included.isEmpty else {
                throw value.error("\(profile.name): “datasets” or “directories” must say where frames lie")
            }
            return profile
        }
    }

    private init(name: String, source: String) {
        (self.name, self.source) = (name, source)
    }

    private mutating func read(_ keys: inout SettingsMapping) throws(SettingsError) {
        if let value = keys["description"] { description = try value.string() }
        if let value = keys["files"] { files.included = try value.strings() }
        if let value = keys["directories"] { directories.included = try value.strings() }
        if let value = keys["only_named"] { isOnlyNamed = try value.boolean() }
        if let value = keys["requires"] { requirements = try value.strings() }
        if let value = keys["datasets"] { datasets = try value.strings() }
        if let value = keys["detectors"] { detectors = try value.strings() }
        if let value = keys["detector_texts"] { detectorTexts = try value.strings() }
        if let value = keys["second_axis"] { hasExposures = try value.choice(of: SecondAxis.self) == .exposures }
        if let value = keys["title"] { titles = try value.strings() }
        if let value = keys["start_time"] { startTimes = try value.strings() }
        if let value = keys["end_time"] { endTimes = try value.strings() }
        if let value = keys["motors"] {
            motors = try value.list().map { (value) throws(SettingsError) in try value.mapping(Self.motor) }
        }
    }

    /// What the second of four axes can be; each threshold is told by the file itself.
    private enum SecondAxis: String, CaseIterable {
        case exposures, thresholds
    }

    private static func motor(_ keys: inout SettingsMapping) throws(SettingsError) -> Motor {
        Motor(
            path: try keys.required("path").string(), name: try keys["name"]?.string(),
            nameAttribute: try keys["name_attribute"]?.string(), units: try keys["units"]?.string())
    }

    /// Whether it is meant for a file, by its name or path.
    func isMeant(forFile path: String) -> Bool { files.takes(String(path.drop { $0 == "/" })) }

    /// Whether it is meant for a directory of frames, by its name or path.
    public func isMeant(forDirectory path: String) -> Bool {
        !directories.included.isEmpty && directories.takes(String(path.drop { $0 == "/" }))
    }
}

/// The profiles described in one or more directories of YAML files.
public struct ProfileCatalogue: Sendable {
    /// In the order of their names.
    public private(set) var profiles: [FacilityProfile] = []

    /// No profile.
    public init() {}

    /// Reads every `*.yaml` of the directories; a profile of a later one replaces that of the same name.
    ///
    /// - Parameter directories: one that is missing holds no profiles.
    /// - Throws: ``SettingsError`` with file, line and key.
    public init(directories: [String]) throws(SettingsError) {
        for directory in directories {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            var described: [String: String] = [:]
            for name in names.sorted() where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
                let profile = try FacilityProfile(contentsOf: "\(directory)/\(name)")
                if let other = described.updateValue(profile.source, forKey: profile.name) {
                    throw SettingsError(
                        file: profile.source, line: nil, key: "name",
                        problem: "“\(profile.name)” is described already in \(other)")
                }
                profiles.removeAll { $0.name == profile.name }
                profiles.append(profile)
            }
        }
        profiles.sort { $0.name < $1.name }
    }

    /// The profile of a name.
    public subscript(name: String) -> FacilityProfile? { profiles.first { $0.name == name } }
}
