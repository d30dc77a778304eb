internal import Conventions
public import Detectors
public import ScanFiles
internal import Volume
public import WorkMessages

extension ScanFile {
    /// The same file, with the frames of known detectors only where a scan holds those of several.
    ///
    /// What else was recorded is named in the remarks. A camera of which not one file is there, since its saving was off,
    /// is left out, too, unless it is the only one. Where none is known, a person has to choose.
    public func takingKnownDetectors(_ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> ScanFile {
        var file = self
        file.scans = []
        var rest = scans[...]
        while let first = rest.first {
            let entry = rest.prefix { $0.entry == first.entry && $0.device != nil }
            if entry.count > 1 {
                file.scans += Self.known(among: Array(entry), choice, catalogue)
            } else {
                file.scans.append(first)
            }
            rest = rest.dropFirst(max(1, entry.count))
        }
        return file
    }

    private static func known(among all: [Scan], _ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> [Scan] {
        let detectors = all.map { $0.detector(choice, catalogue) }
        var taken = all.indices.filter { detectors[$0] != nil }
        if taken.contains(where: { !all[$0].savedNothing }) { taken.removeAll { all[$0].savedNothing } }
        guard !taken.isEmpty else {
            var scan = all[0]
            let names = scan.candidates.joined(separator: ", ")
            scan.problem = ScanFileError(
                path: scan.input, dataset: scan.entry,
                problem: "holds several stacks of images, none of a known detector: \(names); choose one with --dataset"
            )
            return [scan]
        }
        if taken.count > 1, all[0].number == nil {
            // Only scans of BLISS have a name for each of their detectors.
            var scan = all[taken[0]]
            let names = taken.map { all[$0].stack?.dataset ?? "" }.joined(separator: ", ")
            scan.problem = ScanFileError(
                path: scan.input, problem: "holds frames of several detectors: \(names); choose one with --dataset")
            return [scan]
        }
        let others = all.indices.filter { !taken.contains($0) }.map { index in
            let shape = all[index].stack.map { " (\($0.shape))" } ?? ""
            let reason = detectors[index] == nil ? "no known detector" : "nothing was saved"
            return "\(all[index].device ?? "")\(shape): \(reason)"
        }
        return taken.map { index in
            var scan = all[index]
            if taken.count > 1 { scan.shareEntry() }
            if !others.isEmpty { scan.remarks.append("not taken: \(others.joined(separator: "; "))") }
            return scan
        }
    }
}

extension Scan {
    /// The detector of the frames where it is known.
    fileprivate func detector(_ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> Detector? {
        guard let stack else { return nil }
        let gaps = try? ScanGaps(
            of: self, frame: stack.shape.frame, elementType: stack.elementType, choice: choice, catalogue: catalogue)
        return gaps?.detector
    }
}

extension ScanFile {
    /// The scans that `lacuna inpaint` takes when it is given the file: its only one, or all rocking scans that can be
    /// read.
    ///
    /// - Throws: ``ScanFileError`` when there is none, with the reason.
    public func scansToInpaint() throws(ScanFileError) -> [Scan] {
        if layout == .lacunaOutput || layout == .lacunaTruth {
            throw ScanFileError(path: path, problem: "expected a raw scan, found \(notAScan ?? "none")")
        }
        guard let first = scans.first else { throw ScanFileError(path: path, problem: notAScan ?? "holds no scan") }
        if scans.count == 1 { return scans }

        let readable = scans.filter { $0.stack != nil && $0.problem == nil }
        if readable.isEmpty { throw first.problem ?? ScanFileError(path: path, problem: "holds no scan with images") }
        let rules = TitleRules()
        let rocking = readable.filter { scan in scan.title.flatMap { rules.reasonToSkip($0) } == nil }
        if rocking.isEmpty {
            throw ScanFileError(path: path, problem: "holds no rocking scan; --scan takes one of the others")
        }
        return rocking
    }
}

extension ProcessingSettings {
    /// Reads the descriptions of the detectors.
    ///
    /// - Throws: an error that names file and key.
    public func detectorCatalogue() throws -> DetectorCatalogue {
        try DetectorCatalogue(directories: detectorDirectories ?? ShippedFiles.detectorDirectories)
    }

    /// Reads the profiles of facilities, and finds the one that is named.
    ///
    /// - Throws: an error that names file and key; ``WorkerFailure`` where none has the name.
    public func profileChoice() throws -> ProfileChoice {
        if profile == "none" { return .none }
        if profile.hasPrefix("/") { return .named(try FacilityProfile(contentsOf: profile)) }
        let catalogue = try ProfileCatalogue(directories: ShippedFiles.profileDirectories)
        if profile == "auto" { return .automatic(catalogue) }
        guard let named = catalogue[profile] else {
            let known = catalogue.profiles.map(\.name).joined(separator: ", ")
            throw WorkerFailure(
                .configuration, "no profile is called “\(profile)”; known: \(known.isEmpty ? "none" : known)")
        }
        return .named(named)
    }

    /// These settings with what a detector's description changes in them.
    public func overridden(by overrides: ProcessingOverrides?) -> ProcessingSettings {
        var settings = self
        settings.method = overrides?.method ?? method
        settings.model = overrides?.model ?? model
        settings.fineTune = overrides?.fineTune ?? fineTune
        settings.fineTuneAboveMisfit = overrides?.fineTuneAboveMisfit ?? fineTuneAboveMisfit
        settings.maxGapPixels = overrides?.maximumGapPixels ?? maxGapPixels
        settings.saturated = overrides?.saturated ?? saturated
        settings.photonValue = overrides?.photonValue ?? photonValue
        return settings
    }
}

extension Equipment {
    /// Reads what every scan with these settings needs.
    public init(checking settings: ProcessingSettings, fillers: FillerFactory = .installed) {
        self.init(filterProblem: HDF5Filter.ofDetectors.lazy.compactMap(\.decodingProblem).first)
        do {
            let catalogue = try settings.detectorCatalogue()
            detectors = catalogue.detectors.flatMap { [$0.name] + $0.names }
            if let unknown = settings.detectorsAllowed?.first(where: { catalogue[$0] == nil }) {
                detectorProblem = WorkerFailure(
                    .configuration, "no detector is called “\(unknown)”; `lacuna detectors` lists those that are known")
            }
            if case .named(let profile) = try settings.profileChoice(),
                let unknown = profile.detectors.first(where: { catalogue[$0] == nil })
            {
                detectorProblem = WorkerFailure(
                    .configuration, "\(profile.source): detectors: no detector is called “\(unknown)”")
            }
        } catch let failure as WorkerFailure {
            detectorProblem = failure
        } catch {
            detectorProblem = WorkerFailure(.configuration, "\(error)")
        }
        do {
            guard let model = try fillers.filler(for: settings).model else { return }
            weights = Weights(
                path: settings.model ?? fillers.shippedModel ?? "", name: model.name, sha256: model.sha256)
        } catch {
            weightsProblem = error
        }
    }
}

extension ScanFileError: CausedError {
    public var cause: FailureCause {
        switch kind {
        case .input, .noScan: .input
        case .incomplete: .incomplete
        case .output: .outputRefused
        case .outputFull: .outputFull
        case .occupied: .outputOccupied
        }
    }
}
