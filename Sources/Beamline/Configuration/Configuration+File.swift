internal import Conventions
public import Settings
internal import StatusSite
internal import WorkMessages

extension Configuration {
    /// Reads a configuration file.
    ///
    /// - Throws: ``SettingsError`` with file, line and key of the first fault.
    public init(contentsOf file: String) throws(SettingsError) {
        self = try Self.read(SettingsValue(contentsOf: file))
    }

    /// Reads configuration text; `file` is used in messages.
    public init(yaml: String, file: String) throws(SettingsError) {
        self = try Self.read(SettingsValue(yaml: yaml, file: file))
    }

    private static func read(_ document: SettingsValue) throws(SettingsError) -> Configuration {
        try document.mapping { (keys: inout SettingsMapping) throws(SettingsError) in
            let version = try keys.required("version")
            guard try version.integer() == 1 else { throw version.error("only version 1 is known") }

            var configuration = Configuration(roots: try Self.roots(keys.required("watch")))
            if let value = keys["processing"] { configuration.processing = try value.mapping(Self.processing) }
            if let value = keys["detectors"] {
                configuration.processing.detectorDirectories = try value.mapping(Self.detectorDirectories)
            }
            if let value = keys["state"] { configuration.stateDirectory = try value.mapping(Self.state) }
            if let value = keys["status"] { try configuration.readStatus(value) }
            configuration.executor = try Self.executor(&keys)
            if let value = keys["notify"] { configuration.hooks = try Hook.list(value) }
            if let value = keys["retries"] { configuration.retries = try value.mapping(Self.retries) }
            if let value = keys["minimum_free_space_mb"] { configuration.minimumFreeSpaceMiB = try value.integer() }
            return configuration
        }
    }

    private static func roots(_ value: SettingsValue) throws(SettingsError) -> [WatchedRoot] {
        var roots: [WatchedRoot] = []
        for element in try value.list() {
            let root = try element.mapping(Self.root)
            guard !roots.contains(where: { $0.path == root.path }) else {
                throw element.error("\(root.path) is watched twice")
            }
            if let directory = root.outputDirectory,
                let other = roots.first(where: { $0.outputDirectory == directory })
            {
                throw element.error(
                    "\(other.path) and \(root.path) are both mirrored in \(directory), where outputs could have the "
                        + "same name; give each a directory of its own")
            }
            roots.append(root)
        }
        guard !roots.isEmpty else { throw value.error("there must be at least one tree to watch") }
        return roots
    }

    private static func root(_ keys: inout SettingsMapping) throws(SettingsError) -> WatchedRoot {
        let path = try keys.required("path")
        var root = WatchedRoot(path: try path.absolutePath())
        if PathTemplate(root.path).isTooDeep { throw path.error("“**” can only stand at the end of a path") }
        if root.path.hasSuffix("/**") { root.path = String(root.path.dropLast(3)) }
        if let value = keys["include"] { root.paths.included = try value.names() }
        if let value = keys["exclude"] { root.paths.excluded = try value.names(emptyAllowed: true) }
        if let value = keys["detectors"] {
            if (try? value.string()) != "auto" { root.detectors = try value.names() }
        }
        if let value = keys["output"] {
            try root.readOutput(value)
        }
        if let value = keys["threshold"] { root.threshold = try value.integer(in: 1...16) }
        if let value = keys["series"] { root.series = try value.choice() }
        if let value = keys["profile"] { root.profile = try value.string() }
        if let value = keys["events"] { root.events = try value.choice() }
        if let value = keys["titles"] { root.titles.taken = try value.names() }
        if let value = keys["skip_titles"] { root.titles.skipped = try value.names(emptyAllowed: true) }
        if let value = keys["settle_seconds"] { root.settleSeconds = try value.number(in: 0...86_400) }
        if let value = keys["stale_after_minutes"] { root.staleAfterMinutes = try value.positive() }
        return root
    }

    private static func processing(_ keys: inout SettingsMapping) throws(SettingsError) -> ProcessingSettings {
        var settings = ProcessingSettings()
        if let value = keys["method"] { settings.method = try value.choice() }
        if let value = keys["quality"] { settings.quality = try value.choice() }
        if let value = keys["model"] { settings.model = try value.absolutePath() }
        if let value = keys["fine_tune"] { settings.fineTune = try value.choice() }
        if let value = keys["fine_tune_above_misfit"] { settings.fineTuneAboveMisfit = try value.positive() }
        if let value = keys["max_gap_pixels"] { settings.maxGapPixels = try value.integer(in: 1...Int.max) }
        if let value = keys["saturated"] { settings.saturated = try value.choice() }
        if let value = keys["photon_value"] { settings.photonValue = try value.number(in: 1e-30...1e30) }
        if let value = keys["threads"] { settings.threads = try value.integer(in: 0...4096) }
        if let value = keys["memory_limit_mb"] { settings.memoryLimitMiB = try value.integer(in: 128...1 << 30) }
        if let value = keys["phasing_mask"] { settings.phasingMask = try value.choice() }
        if let value = keys["preview"] { settings.preview = try value.boolean() }
        return settings
    }

    private static func detectorDirectories(_ keys: inout SettingsMapping) throws(SettingsError) -> [String]? {
        guard let value = keys["directories"] else { return nil }
        var directories: [String] = []
        for element in try value.list() { directories.append(try element.absolutePath()) }
        return directories
    }

    private static func state(_ keys: inout SettingsMapping) throws(SettingsError) -> String {
        try keys["directory"]?.absolutePath() ?? Configuration(roots: []).stateDirectory
    }

    private mutating func readStatus(_ value: SettingsValue) throws(SettingsError) {
        self = try value.mapping { [self] (keys: inout SettingsMapping) throws(SettingsError) in
            var configuration = self
            if let value = keys["socket"] {
                configuration.controlSocket = try value.absolutePath()
                guard configuration.controlSocket.utf8.count <= 107 else {
                    throw value.error("the path of a Unix socket can have 107 bytes at most")
                }
            }
            if let value = keys["http"] { configuration.statusAddress = try value.addressOrOff() }
            if let value = keys["allow_retry"] { configuration.allowsRetry = try value.boolean() }
            return configuration
        }
    }

    private static func executor(_ keys: inout SettingsMapping) throws(SettingsError) -> Executor {
        let name: Executor.Name = try keys["executor"]?.choice() ?? .local
        // Checked even where it is not used, so that one word switches over.
        let value = name == .slurm ? try keys.required("slurm") : keys["slurm"]
        guard let settings = try value?.mapping(Self.slurm), name == .slurm else { return .local }
        return .slurm(settings)
    }

    private static func slurm(_ keys: inout SettingsMapping) throws(SettingsError) -> SlurmSettings {
        var settings = SlurmSettings(directory: try keys.required("directory").absolutePath())
        if let value = keys["jobs"] { settings.jobs = try value.integer(in: 1...1000) }
        if let value = keys["partition"] { settings.partition = try value.string() }
        if let value = keys["account"] { settings.account = try value.string() }
        if let value = keys["options"] {
            settings.options = try value.names(emptyAllowed: true)
            guard settings.options.allSatisfy({ $0.hasPrefix("-") }) else {
                throw value.error("each is one option of sbatch with its value, e.g. --time=30")
            }
        }
        return settings
    }

    private static func retries(_ keys: inout SettingsMapping) throws(SettingsError) -> RetryPolicy {
        var policy = RetryPolicy()
        if let value = keys["attempts"] { policy.attempts = try value.integer(in: 1...1000) }
        if let value = keys["backoff_seconds"] { policy.backoffSeconds = try value.number(in: 0...86_400) }
        return policy
    }
}

extension WatchedRoot {
    /// `sibling`, `esrf`, or a directory, in which names in braces stand for what they stand for in the path.
    fileprivate mutating func readOutput(_ value: SettingsValue) throws(SettingsError) {
        switch try value.string() {
        case "sibling": return
        case "esrf": replacesRawData = true
        default:
            let directory = try value.absolutePath(or: "sibling”, “esrf")
            let template = PathTemplate(path)
            let named = PathTemplate(directory).names
            if let unknown = named.first(where: { !template.names.contains($0) }) {
                throw value.error("{\(unknown)} is no name of the path \(path)")
            }
            if template.hasGlobs || !template.names.allSatisfy(named.contains) {
                throw value.error(
                    "several trees match \(path), and their outputs would have the same names here; give each {name} of "
                        + "the path a place in the output, and no * in the path")
            }
            outputDirectory = directory
        }
    }
}

extension SettingsValue {
    fileprivate func absolutePath(or word: String? = nil) throws(SettingsError) -> String {
        let text = try string()
        guard text.hasPrefix("/") else {
            let expected = word.map { "“\($0)” or an absolute path" } ?? "an absolute path"
            throw error("“\(text)” is not \(expected)")
        }
        return AbsolutePath.normalised(text)
    }

    fileprivate func names(emptyAllowed: Bool = false) throws(SettingsError) -> [String] {
        var names: [String] = []
        for element in try list() { names.append(try element.string()) }
        guard emptyAllowed || !names.isEmpty else { throw error("the list is empty") }
        return names
    }

    fileprivate func positive() throws(SettingsError) -> Double {
        let value = try number(in: 0...Double.greatestFiniteMagnitude)
        guard value > 0 else { throw error("must be above 0") }
        return value
    }

    fileprivate func addressOrOff() throws(SettingsError) -> HostAndPort? {
        let text = try string()
        if text == "off" { return nil }
        guard let address = HostAndPort(text) else {
            throw error("“\(text)” is not “off” or an address like 127.0.0.1:8391")
        }
        return address
    }
}
