internal import Conventions
internal import Detectors

extension FacilityProfile {
    /// Why a file does not fit; `nil` where it does.
    func misfit(_ root: LinkedGroup, at path: String) -> String? {
        guard isMeant(forFile: path) else { return "is meant for files named \(Self.list(files.included))" }
        if let lacking = requirements.first(where: { root.places($0).isEmpty }) {
            return "expects “\(lacking)” in the file"
        }
        guard datasets.contains(where: { !root.places($0).isEmpty }) else {
            return "expects frames at \(Self.list(datasets))"
        }
        return nil
    }

    /// The stacks at the first place that has some.
    func choice(in root: LinkedGroup, _ request: ScanRequest) -> StackChoice {
        var choice = request.choice
        choice.hasExposures = choice.hasExposures || hasExposures
        for pattern in datasets where choice.candidates.isEmpty {
            for place in root.places(pattern) {
                guard let series = place.group.child(place.name) else {
                    choice.consider(place.name, of: place.group, name: place.path, detector: place.group)
                    continue
                }
                choice.consider(membersOf: series, name: place.path)
            }
        }
        return choice
    }

    /// Adds what the profile knows of a scan to what the file says of itself, which counts first.
    func complete(_ scan: inout Scan, _ root: LinkedGroup) {
        scan.evidence += detectorTexts.compactMap(root.text(at:)).map {
            DetectorEvidence(source: .nexusDescription, text: $0)
        }
        if !detectors.isEmpty {
            scan.evidence.append(detectorEvidence)
        }
        scan.title = titles.lazy.compactMap(root.text(at:)).first ?? scan.title
        scan.startTime = scan.startTime ?? startTimes.lazy.compactMap(root.text(at:)).first
        scan.endTime = scan.endTime ?? endTimes.lazy.compactMap(root.text(at:)).first
        scan.profile = name
    }

    /// The first motor that has a position for each frame and moved.
    func scannedMotor(_ root: LinkedGroup, frames: Int) -> ScannedMotor? {
        guard frames > 0 else { return nil }
        for motor in motors {
            for place in root.places(motor.path) {
                guard let values = place.group.numbers(place.name), values.count >= frames else { continue }
                let positions = Array(values.prefix(frames))
                guard positions.contains(where: { $0 != positions[0] }) else { continue }
                let attribute = motor.nameAttribute.flatMap { name in
                    (try? place.group.dataset(place.name)?.textAttribute(name)).flatMap { $0 }
                }
                return ScannedMotor(
                    name: motor.name ?? attribute ?? place.name, values: positions,
                    units: place.group.units(place.name) ?? motor.units)
            }
        }
        return nil
    }

    private static func list(_ patterns: [String]) -> String { patterns.map { "“\($0)”" }.joined(separator: " or ") }
}

extension LinkedGroup {
    /// A member of a group, found by a pattern.
    struct Place {
        /// As seen from the group where the search began, with a leading slash.
        var path: String
        var group: LinkedGroup
        var name: String
    }

    /// Every member whose path matches, where each component may be a shell pattern.
    func places(_ pattern: String) -> [Place] {
        var found = [(path: "", group: self)]
        let components = pattern.split(separator: "/").map(String.init)
        for component in components.dropLast() {
            found = found.flatMap { place in
                place.group.members(component).compactMap { name in
                    place.group.child(name).map { (path: "\(place.path)/\(name)", group: $0) }
                }
            }
        }
        return found.flatMap { place in
            place.group.members(components.last ?? "").map { name in
                Place(path: "\(place.path)/\(name)", group: place.group, name: name)
            }
        }
    }

    /// The first text at a pattern.
    func text(at pattern: String) -> String? { places(pattern).lazy.compactMap { $0.group.text($0.name) }.first }

    /// The members that one component of a pattern means.
    private func members(_ component: String) -> [String] {
        let pattern = NamePattern(component)
        if pattern.isLiteral { return link(component) == nil ? [] : [component] }
        return ((try? names()) ?? []).filter(pattern.matches)
    }
}

/// Which profile is used for a file.
public enum ProfileChoice: Sendable {
    /// None.
    case none
    /// The only one of these that fits; none where several do.
    case automatic(ProfileCatalogue)
    /// This one, and files that it does not fit are refused.
    case named(FacilityProfile)

    /// The profile of a file that no other layout claims, and the stacks of images that it tells; `nil` for none.
    ///
    /// - Throws: ``ScanFileError`` where the one that was named does not fit.
    func stacks(
        in root: LinkedGroup, _ request: ScanRequest
    ) throws(ScanFileError) -> (profile: FacilityProfile, choice: StackChoice)? {
        switch self {
        case .none: return nil
        case .named(let profile):
            if let misfit = profile.misfit(root, at: request.path) {
                throw profile.doesNotFit(request.path, since: "it \(misfit)")
            }
            let choice = profile.choice(in: root, request)
            if choice.candidates.isEmpty, choice.broken.isEmpty {
                throw profile.doesNotFit(request.path, since: "no images lie where it expects them")
            }
            return (profile, choice)
        case .automatic(let catalogue):
            let fitting = catalogue.profiles.filter { !$0.isOnlyNamed && $0.misfit(root, at: request.path) == nil }
            guard let profile = fitting.first, fitting.count == 1 else { return nil }
            let choice = profile.choice(in: root, request)
            return choice.candidates.isEmpty && choice.broken.isEmpty ? nil : (profile, choice)
        }
    }

    /// The scans of a file of a layout of its own, refused where a profile was named for it.
    func refusing(_ file: ScanFile) -> ScanFile {
        guard case .named(let profile) = self, file.layout != .nexus else { return file }
        return profile.refusing(file)
    }

    /// Scans of frames in files of their own, with the detectors that the profile of their directory knows; refused where
    /// a profile was named that is for others.
    func completing(_ file: ScanFile) -> ScanFile {
        let directory = AbsolutePath.directory(of: file.path)
        switch self {
        case .none: return file
        case .named(let profile):
            return profile.isMeant(forDirectory: directory) ? profile.completing(file) : profile.refusing(file)
        case .automatic(let catalogue):
            let fitting = catalogue.profiles.filter { !$0.isOnlyNamed && $0.isMeant(forDirectory: directory) }
            return fitting.count == 1 ? fitting[0].completing(file) : file
        }
    }
}

extension FacilityProfile {
    fileprivate func completing(_ file: ScanFile) -> ScanFile {
        var file = file
        for index in file.scans.indices {
            if !detectors.isEmpty { file.scans[index].evidence.append(detectorEvidence) }
            file.scans[index].profile = name
        }
        return file
    }

    fileprivate func refusing(_ file: ScanFile) -> ScanFile {
        var file = file
        for index in file.scans.indices where file.scans[index].problem == nil {
            file.scans[index].problem = doesNotFit(
                file.path, since: "it is for other files than those of the layout \(file.layout.rawValue)")
        }
        return file
    }

    /// What the profile says where the file is silent.
    fileprivate var detectorEvidence: DetectorEvidence {
        DetectorEvidence(source: .profile, text: detectors.joined(separator: ", "))
    }

    fileprivate func doesNotFit(_ path: String, since reason: String) -> ScanFileError {
        ScanFileError(path: path, problem: "the profile “\(name)” does not fit: \(reason)")
    }
}
