internal import Volume

/// Any HDF5 file with one stack of images: NXmx masters of Dectris detectors, files of other facilities.
enum NexusLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) -> Bool { true }

    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        var choice = request.choice
        var profile: FacilityProfile?
        var failure: ScanFileError?
        do throws(ScanFileError) {
            var stacks: StackChoice?
            do throws(ScanFileError) {
                if let found = try request.profile.stacks(in: root, request) {
                    (profile, stacks) = (found.profile, found.choice)
                }
            } catch {
                // What holds no images is no scan, whatever the profile.
                if try !StackSearch.search(root, request).isEmpty { throw error }
            }
            choice =
                if let path = request.dataset {
                    try chosen(path, in: root, request)
                } else if let stacks {
                    stacks
                } else {
                    try StackSearch.search(root, request)
                }
        } catch { failure = error }

        let layout = ScanFile.Layout.nexus
        if failure == nil, choice.isEmpty {
            return ScanFile(
                path: request.path, layout: layout, scans: [],
                notAScan: "holds no stack of images (a dataset with 3 axes)")
        }
        // A profile tells which stacks are detectors', and their shapes tell which are known.
        let several = profile != nil && choice.candidates.count > 1 ? choice.candidates : []
        let choices = several.isEmpty ? [choice] : several.map(choice.narrowed)
        var part: String?
        let scans = choices.map { choice in
            var reader = NexusScan(root: root, request: request, profile: profile)
            reader.read(choice, failure: failure)
            part = part ?? reader.notAScan
            var scan = reader.scan
            if !several.isEmpty {
                scan.device = choice.candidates[0].name
                scan.candidates = several.map(\.name)
            }
            return scan
        }
        return ScanFile(
            path: request.path, layout: layout, scans: scans,
            notAScan: BlissLayout.datasetFile(above: request.path).map { "its frames belong to a scan of \($0)" }
                ?? part ?? (choice.holdsImagesOnly ? "holds images, but no stack of them" : nil))
    }

    /// What the user named: a dataset, or the group of a Dectris series.
    private static func chosen(
        _ path: String, in root: LinkedGroup, _ request: ScanRequest
    ) throws(ScanFileError) -> StackChoice {
        var choice = request.choice
        let parent = root.child(path.split(separator: "/").dropLast().joined(separator: "/")) ?? root
        switch try root.node(path) {
        case .dataset(let dataset):
            choice.choose([dataset], name: path, detector: parent)
        case .group(let group):
            let group = LinkedGroup(group: group, walker: root.walker)
            let series = try DectrisSeries(group.names().filter(DectrisSeries.isMember), of: group)
            if series.datasets.isEmpty {
                throw ScanFileError(path: root.file.path, dataset: path, problem: "expected a dataset, found a group")
            }
            choice.choose(series.datasets, series: series, name: path, detector: group)
        case nil:
            throw ScanFileError(path: root.file.path, dataset: path, problem: "there is no such dataset")
        }
        return choice
    }
}

/// The one scan of a NeXus file.
struct NexusScan {
    private(set) var scan: Scan
    private let root: LinkedGroup
    private let request: ScanRequest
    private let profile: FacilityProfile?
    private var lambda: LambdaSeries?
    /// Why the file is no scan of its own, where it is a later part of an acquisition.
    var notAScan: String? { lambda?.notAScan }

    init(root: LinkedGroup, request: ScanRequest, profile: FacilityProfile? = nil) {
        scan = Scan(input: request.path, entry: "/")
        self.root = root
        self.request = request
        self.profile = profile
    }

    mutating func read(_ choice: StackChoice, failure: ScanFileError?) {
        scan.candidates = choice.candidates.map(\.name)
        var finding = StackFinding(problem: failure)
        var candidate: StackCandidate?
        do throws(ScanFileError) {
            if let failure { throw failure }
            var chosen = try choice.only(in: request.path)
            selectEntry(of: chosen)
            if let asked = framesAsked(of: detectorGroup(of: chosen)) { chosen.endSeries(after: asked) }
            if let group = detectorGroup(of: chosen), chosen.datasets.count == 1 {
                lambda = try LambdaSeries(
                    of: request.path, stack: chosen.datasets[0], name: chosen.name, detector: group)
                chosen.datasets = lambda?.datasets ?? chosen.datasets
            }
            candidate = chosen
            if let remark = chosen.remark { scan.remarks.append(remark) }
            scan.remarks += chosen.series?.remarks ?? []
            if let remark = try chosen.scalingRemark() { scan.remarks.append(remark) }
            finding = try StackInspector.inspect(chosen.datasets, name: chosen.name, walker: root.walker)
        } catch { finding.problem = error }

        if candidate == nil { selectEntry(of: nil) }
        let detector = detectorGroup(of: candidate)
        if let detector {
            scan.describe(detector: detector, sources: finding.stack?.sources ?? [])
            do throws(ScanFileError) {
                scan.pixelMask = try RecordedMask(
                    nexus: detector, for: finding.stack, threshold: request.threshold ?? 1)
            } catch { finding.problem = finding.problem ?? error }
            if scan.pixelMask == nil, let name = detector.unusedMask(of: finding.stack?.shape.frame) {
                scan.remarks.append(
                    "\(name) is not used, since nothing says what its values mean: where they mark unusable pixels, "
                        + "--mask takes it")
            }
        }
        let entry = root.child(scan.entry) ?? root
        scan.title = entry.text("title") ?? entry.text("description")
        scan.startTime = entry.text("start_time")
        scan.endTime = entry.text("end_time")
        profile?.complete(&scan, root)
        judge(finding, detector: detector, series: candidate?.series)
        if let candidate { scan.setExposures(exposures(of: candidate, detector), use: request.series) }
        let fio = FioFile(besideMaster: request.path)
        scan.title = scan.title ?? fio?.command
        scan.scannedMotor = scan.motor { count in
            profile?.scannedMotor(root, frames: count) ?? candidate.flatMap { axis(of: $0.detector, count) }
                ?? entry.child("data").flatMap { axis(of: $0, count) } ?? fio?.scannedMotor(points: count)
        }
        scan.groupsToCopy = [
            "instrument/positioners", "instrument/monochromator", "instrument/source", "instrument/beam", "sample",
        ].compactMap(entry.groupToCopy)
        let sources = (finding.stack?.sources ?? []).filter { $0.path != request.path }
        let own = (try? SourceFile(request.path)).map { [$0] } ?? []
        scan.fingerprint = ScanFiles.fingerprint(
            of: (own + sources).map(\.fact) + finding.faults.map { "\($0.error)" } + [scan.endTime ?? ""])
    }

    /// Takes the entry that holds the stack, or else the first one.
    private mutating func selectEntry(of candidate: StackCandidate?) {
        let named = candidate?.name.split(separator: "/").first.map(String.init)
        let first = (try? root.names())?.first { root.child($0)?.nexusClass == "NXentry" || $0.hasPrefix("entry") }
        if let name = named ?? first, root.child(name) != nil { scan.entry = "/\(name)" }
    }

    /// The NXdetector group that belongs to the stack: the one that holds it, or else the only one of the entry.
    private func detectorGroup(of candidate: StackCandidate?) -> LinkedGroup? {
        if let candidate, candidate.detector.isDetector { return candidate.detector }
        guard let instrument = root.child(scan.entry)?.child("instrument"), let names = try? instrument.names() else {
            return candidate?.detector
        }
        let detectors = names.compactMap { instrument.child($0) }.filter(\.isDetector)
        return detectors.count == 1 ? detectors[0] : candidate?.detector
    }

    /// The exposures at each point: an axis of their own, or the images that a Dectris detector took at each trigger.
    private func exposures(of candidate: StackCandidate, _ detector: LinkedGroup?) -> Int {
        guard candidate.exposures == 1 else { return candidate.exposures }
        guard let images = detector?.integer("detectorSpecific/nimages"),
            let triggers = detector?.integer("detectorSpecific/ntrigger"), triggers > 1
        else { return 1 }
        return max(1, images)
    }

    /// What a Dectris detector was asked for.
    private func framesAsked(of detector: LinkedGroup?) -> Int? {
        guard let images = detector?.integer("detectorSpecific/nimages") else { return nil }
        let triggers = max(1, detector?.integer("detectorSpecific/ntrigger") ?? 1)
        let (asked, isTooLarge) = images.multipliedReportingOverflow(by: triggers)
        return isTooLarge ? nil : asked
    }

    /// Generic NeXus has no rule that an end time is due, so that only one that stands tells anything.
    private mutating func judge(_ finding: StackFinding, detector: LinkedGroup?, series: DectrisSeries?) {
        if let endTime = scan.endTime { scan.completeness.evidence.append("end_time is \(endTime)") }
        var expected = finding.stack?.shape.frames
        let asked = lambda?.asked ?? framesAsked(of: detector)
        if let asked {
            expected = asked
            scan.completeness.evidence.append("the detector was asked for \(asked) frames")
        }
        if let lack = series?.lack, let frames = expected {
            // The links promise more than what is there.
            expected = max(frames, series?.framesLinked ?? 0, (finding.stack?.shape.frames ?? 0) + 1)
            scan.completeness.evidence.append("\(lack)")
            scan.remarks.append("the series ends early: \(lack)")
        }
        scan.judge(
            finding, marker: scan.endTime == nil ? .unknown : .present(succeeded: nil), expected: expected,
            isAsked: asked != nil)
    }

    /// The first of the `axes` of an NXdata group, when it has a value for each frame.
    private func axis(of group: LinkedGroup, _ frames: Int) -> ScannedMotor? {
        guard frames > 0, let name = try? group.group.textAttribute("axes"), name != ".",
            let values = group.numbers(name), values.count >= frames
        else { return nil }
        return ScannedMotor(name: name, values: Array(values.prefix(frames)), units: group.units(name))
    }
}

extension DetectorFields {
    /// Reads what an NXdetector group, as BLISS, Dectris and others write it, says.
    init(nexus group: LinkedGroup) {
        xPixelSize = group.length("x_pixel_size")
        yPixelSize = group.length("y_pixel_size")
        distance = group.length("distance") ?? group.length("detector_distance")
        beamCenterX = group.number("beam_center_x")
        beamCenterY = group.number("beam_center_y")
        columns = group.integer("dim_i") ?? group.integer("detectorSpecific/x_pixels_in_detector")
        rows = group.integer("dim_j") ?? group.integer("detectorSpecific/y_pixels_in_detector")
        saturationValue =
            group.number("saturation_value") ?? group.number("detectorSpecific/saturation_value")
            ?? group.number("detectorSpecific/countrate_correction_count_cutoff")
        imageBitDepth = group.integer("bit_depth_image")
        readoutBitDepth = group.integer("bit_depth_readout")
        pixelMaskApplied = group.integer("pixel_mask_applied").map { $0 != 0 }
    }
}

extension LinkedGroup {
    /// A length in metres.
    ///
    /// Pixel sizes without units are common: none is a metre, so 55 must be micrometres and 0.172 millimetres.
    fileprivate func length(_ path: String) -> Double? {
        guard let value = number(path), value.isFinite, value > 0 else { return nil }
        switch units(path)?.lowercased() {
        case "m", "meter", "metre", "meters", "metres": return value
        case "cm": return value * 1e-2
        case "mm", "millimeter", "millimetre": return value * 1e-3
        case "um", "µm", "μm", "micron", "microns", "micrometer", "micrometre": return value * 1e-6
        default:
            guard path.hasSuffix("pixel_size") else { return value }
            return value >= 1 ? value * 1e-6 : value >= 0.005 ? value * 1e-3 : value
        }
    }
}

extension StackCandidate {
    /// What a person should know where the file says that its values are to be multiplied; they stand as recorded.
    ///
    /// - Throws: ``ScanFileError`` where something is to be added to them: they are no counts then.
    fileprivate func scalingRemark() throws(ScanFileError) -> String? {
        guard let dataset = datasets.first else { return nil }
        let name = dataset.path.split(separator: "/").last ?? ""
        func stated(_ attributes: [String], _ fields: [String]) -> (name: String, value: Double)? {
            for attribute in attributes {
                if let value = try? dataset.numberAttribute(attribute) { return (attribute, value) }
            }
            for field in fields {
                if let value = detector.number(field) { return (field, value) }
            }
            return nil
        }
        if let (field, value) = stated(["add_offset", "offset"], ["\(name)_offset"]), value != 0 {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "expected counts, found values to which \(value) is to be added (\(field)): give the counts")
        }
        guard let (field, value) = stated(["scale_factor", "scaling_factor"], ["\(name)_scaling_factor"]), value != 1
        else { return nil }
        return "\(field) is \(value) and was not applied: the values stand as recorded"
    }
}

extension LinkedGroup {
    /// The path of an image that is called a mask and that no rule takes for one.
    fileprivate func unusedMask(of frame: FrameShape?) -> String? {
        guard let frame else { return nil }
        let names = ((try? self.names()) ?? []).filter { $0.lowercased().contains("mask") }
        return names.first { dataset($0)?.shape == [frame.rows, frame.columns] }.map { "\(path)/\($0)" }
    }
}

extension RecordedMask {
    /// The mask beside the frames in an NXdetector group: `pixel_mask`, `pixel_mask_1`, … and Dectris' own place.
    ///
    /// A detector with several thresholds has a mask for each: that of the threshold from which the frames come is taken,
    /// beside what holds for all.
    /// - Throws: ``ScanFileError`` when there is one that cannot be read or does not fit the frames.
    init?(nexus detector: LinkedGroup, for stack: FrameStack?, threshold: Int = 1) throws(ScanFileError) {
        let members = (try? detector.names())?.filter { $0.wholeMatch(of: /pixel_mask(_\d+)?/) != nil } ?? []
        let channel = "threshold_\(threshold)_channel/pixel_mask"
        let stated = members + (detector.dataset(channel) == nil ? [] : [channel])
        let paths = stated.isEmpty ? ["detectorSpecific/pixel_mask"] : stated
        var parts: [FrameStack] = []
        for path in paths {
            if let part = try detector.mask(path) { parts.append(part) }
        }
        guard !parts.isEmpty else { return nil }
        try self.init(.nexus, parts: parts, for: stack?.shape)
    }
}

extension LinkedGroup {
    /// A mask, (row, column) or (frame, row, column); `nil` when there is none of that name.
    ///
    /// - Throws: ``ScanFileError`` when it is there and cannot be read.
    func mask(_ path: String) throws(ScanFileError) -> FrameStack? {
        guard let dataset = try node(path)?.dataset else { return nil }
        let finding = try StackInspector.inspect([dataset], name: dataset.path, walker: walker, allowsImage: true)
        if let problem = finding.problem ?? finding.faults.first?.error { throw problem }
        return finding.stack
    }
}
