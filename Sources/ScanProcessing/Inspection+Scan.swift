public import Detectors
internal import Inpainting
public import ScanFiles
internal import Volume
public import WorkMessages

extension Inspection {
    /// Reports what was found in a file, with the detector of each scan recognised.
    public init(of file: ScanFile, choice: MaskChoice = MaskChoice(), catalogue: DetectorCatalogue) {
        let file = file.takingKnownDetectors(choice, catalogue)
        self.init(
            input: file.path, layout: file.layout.rawValue,
            scans: file.scans.map { InspectedScan($0, choice: choice, catalogue: catalogue) },
            notAScan: file.notAScan)
    }

    /// Looks at the file that a job names.
    ///
    /// - Throws: ``ScanFileError`` when it cannot be read as any known layout; an error that names the file when the
    ///   detectors cannot be read.
    public init(doing job: InspectJob) throws {
        let file = try ScanFile.open(
            job.input, selection: nil, threshold: job.settings.threshold, series: job.settings.series,
            profile: job.settings.profileChoice())
        self.init(
            of: file, choice: MaskChoice(allowedDetectors: job.settings.detectorsAllowed),
            catalogue: try job.settings.detectorCatalogue())
    }
}

extension InspectedScan {
    init(_ scan: Scan, choice: MaskChoice, catalogue: DetectorCatalogue) {
        self.init(scan: scan.number, entry: scan.key)
        label = scan.label
        remarks = scan.remarks
        profile = scan.profile
        title = scan.title
        startTime = scan.startTime
        endTime = scan.endTime
        fingerprint = scan.fingerprint
        framePause = scan.framePause
        completeness = Completeness(
            state: .init(scan.completeness.state), framesWritten: scan.completeness.framesWritten,
            framesExpected: scan.completeness.framesExpected, evidence: scan.completeness.evidence)
        problem = scan.problem.map(Problem.init)
        if let stack = scan.stack {
            dataset = stack.dataset
            shape = [stack.shape.frames / scan.addedExposures] + stack.shape.extents.dropFirst()
            dtype = stack.elementType.rawValue
            filters = stack.filters
            sources = stack.sources.map(\.path)
        }
        // Frames that are not there yet, or are missing, may still have been announced.
        guard let frame = scan.stack?.shape.frame ?? scan.detector.frame else { return }
        do {
            let (found, isAllowed) = try Self.gaps(
                of: scan, frame: frame, elementType: scan.stack?.elementType, choice: choice, catalogue: catalogue)
            gaps = found.mask.bands.map {
                Gap(axis: $0.axis.rawValue, start: $0.range.lowerBound, stop: $0.range.upperBound)
            }
            remarks += found.remarks + [found.withoutDetector].compactMap { $0 }
            detector = found.detector.map {
                Detector(
                    name: $0.name, evidence: found.evidence, isEnabled: $0.isEnabled, isAllowed: isAllowed)
            }
        } catch {
            problem = problem ?? Problem(error)
        }
    }
}

extension InspectedScan {
    /// The gaps by the detectors that are accepted, which settle what would be ambiguous among all; where it is none of
    /// them, by the one that it is.
    private static func gaps(
        of scan: Scan, frame: FrameShape, elementType: ElementType?, choice: MaskChoice, catalogue: DetectorCatalogue
    ) throws(ScanFileError) -> (gaps: ScanGaps, isAllowed: Bool) {
        do throws(ScanFileError) {
            return (
                try ScanGaps(of: scan, frame: frame, elementType: elementType, choice: choice, catalogue: catalogue),
                true
            )
        } catch {
            var choice = choice
            choice.allowedDetectors = nil
            guard
                let gaps = try? ScanGaps(
                    of: scan, frame: frame, elementType: elementType, choice: choice, catalogue: catalogue),
                gaps.detector != nil
            else { throw error }
            return (gaps, false)
        }
    }
}

extension DetectorFields {
    /// The shape of the frames as announced.
    fileprivate var frame: FrameShape? {
        guard let rows, let columns, rows > 0, columns > 0 else { return nil }
        guard rows <= FrameShape.largestCount / columns else { return nil }
        return FrameShape(rows: rows, columns: columns)
    }
}

extension InspectedScan.Problem {
    init(_ error: ScanFileError) {
        self.init(cause: error.cause, message: error.description, isNoScan: error.kind == .noScan)
    }
}

extension InspectedScan.Completeness.State {
    init(_ state: ScanCompleteness.State) {
        self =
            switch state {
            case .complete: .complete
            case .aborted: .aborted
            case .running: .running
            case .unmarked: .unmarked
            }
    }
}

extension InpaintJob {
    /// Opens the input and finds the scans that are meant; one, unless the job names none of several.
    ///
    /// - Throws: ``ScanFileError``; ``WorkerFailure`` for a detector or a scan that cannot be meant.
    public func scans(_ catalogue: DetectorCatalogue) throws -> [Scan] {
        guard ["auto", "none"].contains(detector) || catalogue[detector] != nil else {
            throw WorkerFailure(
                .configuration, "--detector: no detector is called “\(detector)”; see `lacuna detectors`")
        }
        let selected = selection.flatMap { ScanSelection($0) }
        if let selection, selected == nil {
            throw WorkerFailure(.configuration, "expected a scan such as 12 or 12.1, found “\(selection)”")
        }
        return try ScanFile.open(
            input, dataset: dataset, selection: selected, threshold: settings.threshold, series: settings.series,
            profile: settings.profileChoice()
        )
        .takingKnownDetectors(maskChoice, catalogue)
        .scansToInpaint()
    }

    /// Makes ready what inpaints one of the scans.
    ///
    /// - Parameters:
    ///   - requester: who asks for it.
    ///   - permission: what may lie under the output's name and is replaced.
    ///   - version: of this program, for the record.
    ///   - settings: those for a detector; by default the job's, with what the detector's description changes in them.
    /// - Throws: ``ScanFileError``, ``WorkerFailure``.
    public func inpainter(
        of scan: Scan, catalogue: DetectorCatalogue, requester: OutputRequester,
        replacing permission: OutputClaim.Permission, version: String,
        settings: ((Detector?) -> ProcessingSettings)? = nil
    ) throws -> ScanInpainter {
        if let problem = scan.problem { throw problem }
        guard let stack = scan.stack else {
            throw WorkerFailure(.input, "\(input): \(scan.entry): holds no stack of images")
        }
        var choice = maskChoice
        choice.mask = try mask.map { try RecordedMask.open($0, for: stack.shape) }
        let gaps = try ScanGaps(
            of: scan, frame: stack.shape.frame, elementType: stack.elementType, choice: choice, catalogue: catalogue)
        guard gaps.mask.storage.contains(true) || gaps.frameMask != nil || gaps.recognition != nil else {
            let reason = mask == nil ? "no detector and no mask" : "no detector, and the mask given masks no pixel"
            throw WorkerFailure(.input, "\(input): nothing to fill: \(reason)")
        }
        return try ScanInpainter(
            scan: scan, gaps: gaps,
            settings: settings?(gaps.detector) ?? self.settings.overridden(by: gaps.detector?.processing),
            fillers: .installed, output: output, requester: requester, replacing: permission, version: version)
    }

    /// What decides which frames are taken and what masks them, but for a mask that was given.
    private var maskChoice: MaskChoice {
        let detector: MaskChoice.DetectorChoice =
            switch detector {
            case "auto": .auto
            case "none": .none
            default: .named(detector)
            }
        return MaskChoice(detector: detector, allowedDetectors: settings.detectorsAllowed)
    }
}
