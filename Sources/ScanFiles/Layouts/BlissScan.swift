internal import Detectors
internal import Foundation
internal import Volume

/// One scan of BLISS: an entry whose detectors are virtual datasets over Lima files.
struct BlissScan {
    private let name: BlissEntryName
    private let entry: LinkedGroup
    private let request: ScanRequest
    private var scan: Scan

    /// Looks at one entry; the frames of each detector are a scan. A second time base without images is none.
    static func read(_ name: BlissEntryName, of root: LinkedGroup, request: ScanRequest) -> [Scan] {
        var scan = Scan(input: request.path, number: name.scan, entry: "/\(name.name)")
        // Every scan has its own walker, so that its files are closed before the next scan is looked at.
        let walker = LinkWalker()
        do throws(ScanFileError) {
            guard let group = try walker.open(name.name, from: root.group)?.group else {
                throw ScanFileError(path: request.path, dataset: scan.entry, problem: "is not a group")
            }
            let entry = LinkedGroup(group: group, walker: walker)
            var reader = BlissScan(name: name, entry: entry, request: request, scan: scan)
            return try reader.read()
        } catch {
            scan.problem = error
            return [scan]
        }
    }

    private mutating func read() throws(ScanFileError) -> [Scan] {
        scan.title = entry.text("title")
        scan.startTime = entry.text("start_time")
        scan.endTime = entry.text("end_time")
        scan.endReason = entry.text("end_reason")
        scan.writerStatus = entry.text("writer/status")

        let choice = try candidates()
        if name.subscan != 1, choice.isEmpty { return [] }
        scan.candidates = choice.candidates.map(\.name)
        guard choice.candidates.count > 1 else { return [scan(in: choice)] }
        var scans: [Scan] = []
        for candidate in choice.candidates {
            let device = candidate.name.split(separator: "/").filter { $0 != "data" }.last.map(String.init)
            if let wanted = request.selection?.device, wanted != device { continue }
            var scan = scan(in: choice.narrowed(to: candidate))
            scan.device = device
            if request.selection?.device != nil { scan.sharesEntry = true }
            scans.append(scan)
        }
        return scans
    }

    /// The scan whose frames are the only ones of a choice.
    private func scan(in choice: StackChoice) -> Scan {
        var reader = self
        do throws(ScanFileError) { try reader.read(choice) } catch { reader.scan.problem = error }
        if !choice.candidates.isEmpty { reader.scan.remarks += choice.broken.map { "left out: \($0)" } }
        return reader.scan
    }

    private mutating func read(_ choice: StackChoice) throws(ScanFileError) {
        var finding = StackFinding()
        var chosen: StackCandidate?
        do throws(ScanFileError) {
            let candidate = try choice.only(in: request.path)
            chosen = candidate
            finding = try StackInspector.inspect(candidate.datasets, name: candidate.name, walker: entry.walker)
            scan.pixelMask = try RecordedMask(
                nexus: candidate.detector, for: finding.stack, threshold: request.threshold ?? 1)
            if let remark = candidate.remark { scan.remarks.append(remark) }
        } catch { finding.problem = error }

        let lima = try limaFiles(of: finding.stack)
        if let chosen {
            scan.describe(detector: chosen.detector, sources: finding.stack?.sources ?? [])
            lima.first?.describe(&scan)
        }
        scan.savedNothing = finding.isMissing
        judge(finding, chosen: chosen, lima: lima)
        scan.scannedMotor = scannedMotor
        scan.groupsToCopy = groupsToCopy
        let ownFile = entry.file.path
        scan.fingerprint = ScanFiles.fingerprint(
            of: (finding.stack?.sources ?? []).filter { $0.path != ownFile }.map(\.fact)
                + finding.faults.map { "\($0.error)" } + [scan.endTime ?? "", scan.endReason ?? ""])
    }

    // MARK: Frames

    private func candidates() throws(ScanFileError) -> StackChoice {
        var choice = request.choice
        choice.hasChannels = true
        if let path = requestedPath {
            guard let dataset = try entry.node(path)?.dataset else {
                throw ScanFileError(
                    path: request.path, dataset: "\(scan.entry)/\(path)", problem: "there is no such dataset")
            }
            choice.choose([dataset], name: "\(scan.entry)/\(path)", detector: detector(of: dataset, at: path))
            return choice
        }
        if let instrument = entry.child("instrument") {
            for device in try instrument.names() {
                guard let group = instrument.child(device), group.link("data") != nil else { continue }
                choice.consider("data", of: group, name: "\(scan.entry)/instrument/\(device)/data", detector: group)
            }
        }
        if let measurement = entry.child("measurement") {
            // Nearly all are links to what was seen above.
            for counter in try measurement.names() where !measurement.isLinkToData(counter) {
                let detector = entry.child("instrument/\(counter)") ?? measurement
                choice.consider(
                    counter, of: measurement, name: "\(scan.entry)/measurement/\(counter)", detector: detector)
            }
        }
        return choice
    }

    /// The dataset that was asked for, relative to the entry; `nil` when it belongs to another entry.
    private var requestedPath: String? {
        guard let dataset = request.dataset else { return nil }
        guard dataset.hasPrefix("/") else { return dataset }
        let names = dataset.split(separator: "/")
        guard let first = names.first, first == name.name else { return nil }
        return names.dropFirst().joined(separator: "/")
    }

    /// The group of the detector behind `instrument/<detector>/data` or `measurement/<detector>`.
    private func detector(of dataset: HDF5Dataset, at path: String) -> LinkedGroup {
        let names = path.split(separator: "/").map(String.init)
        let device =
            names.first == "measurement" ? "instrument/\(names.last ?? "")" : names.dropLast().joined(separator: "/")
        return entry.child(device) ?? entry
    }

    /// The Lima files that hold the frames, in order.
    private func limaFiles(of stack: FrameStack?) throws(ScanFileError) -> [LimaImages] {
        guard case .segments(let segments) = stack?.storage else { return [] }
        var files: [LimaImages] = []
        var seen: Set<HDF5Location> = []
        let ordered = segments.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
        for location in ordered.map(\.location) where seen.insert(location).inserted {
            let root = try entry.walker.root(of: entry.walker.file(location.file))
            guard let dataset = try entry.walker.open(location.dataset, from: root)?.dataset,
                let images = LimaImages(holding: dataset, walker: entry.walker)
            else { continue }
            files.append(images)
        }
        return files
    }

    // MARK: Completeness

    private mutating func judge(_ finding: StackFinding, chosen: StackCandidate?, lima: [LimaImages]) {
        var evidence: [String] = []
        evidence.append(scan.endTime.map { "end_time is \($0)" } ?? "end_time is not there")
        if let reason = scan.endReason { evidence.append("end_reason is \(reason)") }
        if let status = scan.writerStatus { evidence.append("writer status is \(status)") }

        let frames = finding.stack?.shape.frames
        let points = name.subscan == 1 ? BlissCommand(title: scan.title).points : nil
        let asked = chosen?.detector.integer("acq_parameters/acq_nb_frames") ?? lima.first?.framesAsked
        if let points { evidence.append("the title asks for \(points) frames") }
        if let asked { evidence.append("the detector was asked for \(asked) frames") }

        var marker = self.marker
        let isShort = finding.leadingFrames < points ?? frames ?? 0
        if let open = lima.first(where: { $0.endTime == nil }) {
            evidence.append("Lima has not closed \(open.fileName)")
            if case .present(let succeeded) = marker, succeeded != false, isShort {
                marker = .absent("Lima has not closed \(open.fileName)")
            }
        } else if !lima.isEmpty {
            evidence.append("Lima has closed \(lima.count) \(lima.count == 1 ? "file" : "files")")
        }
        scan.completeness.evidence = evidence
        // A detector that is prepared anew for each point is asked for one frame at a time.
        let expected = points ?? frames.map { max($0, asked ?? 0) }
        scan.judge(finding, marker: marker, expected: expected)
    }

    private var marker: EndMarker {
        guard scan.endTime != nil else { return .absent("\(scan.entry)/end_time is not there") }
        switch (scan.endReason, scan.writerStatus) {
        case ("SUCCESS", _), (nil, "SUCCEEDED"): return .present(succeeded: true)
        case (.some, _), (nil, "FAILED"): return .present(succeeded: false)
        default: return .present(succeeded: nil)
        }
    }

    // MARK: Metadata

    /// The first motor of the command, or else the first positioner that has as many values as there are frames.
    private var scannedMotor: ScannedMotor? {
        let frames = scan.completeness.framesWritten
        guard frames > 0 else { return nil }
        let command = BlissCommand(title: scan.title)
        for motor in command.motors {
            for path in ["instrument/positioners/\(motor)", "instrument/\(motor)/value", "measurement/\(motor)"] {
                if let found = positions(path, of: motor, frames: frames) { return found }
            }
        }
        guard command.motors.isEmpty, command.points == nil, frames > 1,
            let positioners = try? entry.child("instrument/positioners")?.names()
        else { return nil }
        for motor in positioners where !["elapsed_time", "epoch", "timer"].contains(motor) {
            if let found = positions("instrument/positioners/\(motor)", of: motor, frames: frames) { return found }
        }
        return nil
    }

    private func positions(_ path: String, of motor: String, frames: Int) -> ScannedMotor? {
        guard let values = entry.numbers(path), values.count >= frames else { return nil }
        let units = entry.units(path) ?? entry.units("instrument/\(motor)/value")
        return ScannedMotor(name: motor, values: Array(values.prefix(frames)), units: units)
    }

    private var groupsToCopy: [GroupToCopy] {
        let instrument = (try? entry.child("instrument")?.names()) ?? []
        let positioners = instrument.filter { $0.contains("positioners") }.map { "instrument/\($0)" }
        return (positioners + ["instrument/monochromator", "sample"]).compactMap(entry.groupToCopy)
    }
}

extension LinkedGroup {
    /// True for a soft link to `instrument/<device>/data`.
    fileprivate func isLinkToData(_ name: String) -> Bool {
        guard case .soft(let target) = link(name) else { return false }
        let names = target.split(separator: "/")
        return names.count == 4 && names[1] == "instrument" && names[3] == "data"
    }
}
