internal import Volume

/// CXI files: `/entry_1/instrument_1/detector_1/data` or `/entry_1/data_1/data`, with the mask beside it.
enum CXILayout: HDF5Layout {
    private static let places = ["instrument_1/detector_1", "data_1", "image_1"]

    static func understands(_ root: LinkedGroup) throws(ScanFileError) -> Bool {
        if root.link("cxi_version") != nil { return true }
        guard let entry = root.child("entry_1") else { return false }
        return places.contains { entry.child($0)?.link("data") != nil }
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        var scan = Scan(input: request.path, entry: "/entry_1")
        var finding = StackFinding()
        do throws(ScanFileError) {
            if request.dataset == nil, isReconstruction(root) {
                throw ScanFileError(.noScan, path: request.path, problem: "holds a reconstructed object, and no scan")
            }
            let candidate = try choice(in: root, request: request).only(in: request.path)
            finding = try StackInspector.inspect(candidate.datasets, name: candidate.name, walker: root.walker)
            let detector = root.child("entry_1/instrument_1/detector_1") ?? candidate.detector
            scan.describe(detector: detector, sources: finding.stack?.sources ?? [])
            for group in [candidate.detector, detector] where scan.pixelMask == nil {
                if let mask = try group.mask("mask") {
                    scan.pixelMask = try RecordedMask(.cxi, parts: [mask], for: finding.stack?.shape)
                }
            }
        } catch { finding.problem = error }

        let entry = root.child("entry_1")
        scan.title = entry?.text("title") ?? entry?.text("experiment_identifier")
        scan.startTime = entry?.text("start_time")
        scan.endTime = entry?.text("end_time")
        scan.groupsToCopy = [entry?.groupToCopy("sample_1"), entry?.groupToCopy("instrument_1/source_1")].compactMap(
            \.self)
        scan.judge(finding, marker: .unknown, expected: finding.stack?.shape.frames)
        scan.fingerprint = ScanFiles.fingerprint(of: [try SourceFile(request.path).fact, scan.endTime ?? ""])
        return ScanFile(path: request.path, layout: .cxi, scans: [scan], notAScan: nil)
    }

    /// Whether the file holds the result of phase retrieval, as PyNX writes it: complex values, or a support beside them.
    private static func isReconstruction(_ root: LinkedGroup) -> Bool {
        guard let image = root.child("entry_1/image_1"),
            root.child("entry_1/instrument_1/detector_1")?.link("data") == nil
        else { return false }
        return image.link("support") != nil || image.link("mask") == nil && image.dataset("data")?.elementType == nil
    }

    /// The first place that holds data; the others are links to it or derived from it.
    private static func choice(in root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> StackChoice {
        var choice = request.choice
        if let path = request.dataset {
            guard let dataset = try root.node(path)?.dataset else {
                throw ScanFileError(path: request.path, dataset: path, problem: "there is no such dataset")
            }
            let parent = root.child(path.split(separator: "/").dropLast().joined(separator: "/")) ?? root
            choice.choose([dataset], name: path, detector: parent)
            return choice
        }
        for place in places where choice.isEmpty {
            guard let group = root.child("entry_1/\(place)") else { continue }
            choice.consider("data", of: group, name: "/entry_1/\(place)/data", detector: group)
        }
        return choice
    }
}

/// Files that Lacuna itself wrote: inpainted scans, and the truth beside simulated ones.
enum LacunaLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) -> Bool {
        creator(of: root).hasPrefix("lacuna")
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) -> ScanFile {
        let isTruth = creator(of: root).hasPrefix("lacuna simulate")
        return ScanFile(
            path: request.path, layout: isTruth ? .lacunaTruth : .lacunaOutput, scans: [],
            notAScan: isTruth ? "the truth beside a simulated scan" : "an inpainted scan, written by Lacuna")
    }

    /// True for an inpainted scan.
    static func isOutput(_ root: LinkedGroup) -> Bool {
        let creator = creator(of: root)
        return creator.hasPrefix("lacuna") && !creator.hasPrefix("lacuna simulate")
    }

    private static func creator(of root: LinkedGroup) -> String {
        (try? root.group.textAttribute("creator")) ?? ""
    }
}
