public import Detectors
internal import Inpainting
public import ScanFiles
internal import Volume
public import WorkMessages

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
        return try ScanFile.open(input, dataset: dataset, selection: selected, threshold: settings.threshold)
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
            throw WorkerFailure(.input, "\(input): nothing to fill: no detector and no mask")
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
