/// A place in a file that may be the detector's stack of images.
struct StackCandidate {
    /// The path as seen in the input.
    var name: String
    /// One dataset, or several that follow one another along the frames.
    var datasets: [HDF5Dataset]
    /// The group that describes the detector, or the one that holds the dataset.
    var detector: LinkedGroup
    /// What a person should know of the choice, e.g. which threshold was taken.
    var remark: String?
    /// The exposures at each point, where an axis is theirs.
    var exposures = 1
    /// The files of the series where it is one.
    var series: DectrisSeries?
}

extension StackCandidate {
    /// Leaves out what lies beside a series and begins after its last frame.
    mutating func endSeries(after frames: Int) {
        guard let ended = series?.ending(after: frames) else { return }
        datasets = Array(datasets.prefix(ended.datasets.count))
        series = ended
    }
}

extension LinkedGroup {
    /// True for a group that describes a detector in the NeXus way.
    var isDetector: Bool { nexusClass == "NXdetector" }
}

/// The detector's stack among all that a scan holds.
struct StackChoice {
    /// Which threshold is taken where there are several; `nil` for the first, where the file says that it has some.
    var threshold: Int?
    /// Whether a second axis of frames is that of exposures, unless the file says that it is another one.
    var hasExposures = false
    /// Whether a fourth axis is that of channels, as Lima2 writes it.
    var hasChannels = false
    private(set) var candidates: [StackCandidate] = []
    /// Datasets of images without a frame axis, or with one too many: mentioned when nothing better is found.
    private var misfits: [HDF5Dataset] = []
    /// Links that lead nowhere.
    private(set) var broken: [ScanFileError] = []
    /// The candidate for each dataset that was seen.
    private var known: [String: Int] = [:]

    /// The extent, in pixels, from which on an image axis can be a detector's.
    static let leastExtent = 16

    /// Takes a dataset into account unless it is no stack of images.
    ///
    /// Under several names it counts once, and then best as a member of the group that describes the detector.
    mutating func consider(_ dataset: HDF5Dataset, name: String, detector: LinkedGroup) {
        guard dataset.shape.count > 1, !Self.isAccessory(name),
            dataset.shape.suffix(2).allSatisfy({ $0 >= Self.leastExtent })
        else { return }
        guard dataset.elementType != nil else {
            if dataset.shape.count > 2 { misfits.append(dataset) }
            return
        }
        let identity = dataset.identity
        let candidate: StackCandidate
        if let points = points(dataset, detector: detector) {
            candidate = StackCandidate(
                name: name, datasets: points, detector: detector, exposures: points[0].frameCount)
        } else if let (stack, remark) = stack(dataset, detector: detector) {
            candidate = StackCandidate(name: name, datasets: [stack], detector: detector, remark: remark)
        } else {
            misfits.append(dataset)
            return
        }
        if let known = known[identity] {
            if detector.isDetector, !candidates[known].detector.isDetector { candidates[known] = candidate }
        } else {
            known[identity] = candidates.count
            candidates.append(candidate)
        }
    }

    /// Takes a member of a group into account; a link that leads to a missing file is noted.
    mutating func consider(
        _ member: String, of group: LinkedGroup, name: String, detector: LinkedGroup
    ) {
        do throws(ScanFileError) {
            if let dataset = try group.node(member)?.dataset { consider(dataset, name: name, detector: detector) }
        } catch { broken.append(error) }
    }

    /// Takes the series of a Dectris detector into account whose files a group links.
    mutating func consider(membersOf group: LinkedGroup, name: String) {
        do throws(ScanFileError) {
            let members = try group.names().filter(DectrisSeries.isMember)
            guard !members.isEmpty else { return }
            let series = try DectrisSeries(members, of: group)
            consider(
                series: series, name: series.datasets.count == 1 ? "\(name)/\(members[0])" : name, detector: group)
        } catch { broken.append(error) }
    }

    /// Takes the dataset or series that the user named, whatever it is.
    mutating func choose(
        _ datasets: [HDF5Dataset], series: DectrisSeries? = nil, name: String, detector: LinkedGroup
    ) {
        if datasets.count == 1, let points = points(datasets[0], detector: detector) {
            candidates = [
                StackCandidate(name: name, datasets: points, detector: detector, exposures: points[0].frameCount)
            ]
            return
        }
        let stacks = datasets.map { stack($0, detector: detector) ?? ($0, nil) }
        candidates = [
            StackCandidate(
                name: name, datasets: stacks.map(\.dataset), detector: detector, remark: stacks.first?.remark,
                series: series)
        ]
    }

    /// The exposures at each point of (point, exposure, row, column); `nil` where the second axis is not theirs.
    private func points(_ dataset: HDF5Dataset, detector: LinkedGroup) -> [HDF5Dataset]? {
        let leading = dataset.shape.dropLast(2)
        let long = leading.indices.filter { leading[$0] > 1 }
        guard hasExposures, !hasChannels, threshold == nil, (2...4).contains(leading.count), long.count == 2,
            dataset.externalParts.isEmpty, !detector.hasThresholds(dataset.shape[long[1]])
        else { return nil }
        return (0..<dataset.shape[long[0]]).map { point in
            var plane = HDF5Plane.whole(dataset.shape.count)
            for axis in leading.indices where axis != long[1] { plane.indices[axis] = axis == long[0] ? point : 0 }
            return dataset.seen(as: plane)
        }
    }

    /// The part of a dataset that is a stack of images; `nil` where there is none.
    private func stack(_ dataset: HDF5Dataset, detector: LinkedGroup) -> (dataset: HDF5Dataset, remark: String?)? {
        if dataset.shape.count == 3 { return (dataset, nil) }
        guard dataset.shape.count > 3 else { return nil }
        let second = dataset.shape.dropLast(2).filter { $0 > 1 }.dropFirst().first
        let isTold = hasChannels || threshold != nil || second.map(detector.hasThresholds) ?? false
        return StackAxes.stack(dataset, threshold: threshold ?? 1, isTold: isTold)
    }

    /// Takes datasets into account that follow one another along the frames.
    mutating func consider(series files: DectrisSeries, name: String, detector: LinkedGroup) {
        let series = files.datasets
        guard let first = series.first, known[first.identity] == nil else { return }
        known[first.identity] = candidates.count
        let stacks = series.map { stack($0, detector: detector) ?? ($0, nil) }
        candidates.append(
            StackCandidate(
                name: name, datasets: stacks.map(\.dataset), detector: detector, remark: stacks.first?.remark,
                series: files))
    }

    mutating func note(broken error: ScanFileError) { broken.append(error) }

    /// True for images that describe the detector rather than the sample.
    private static func isAccessory(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return ["pixel_mask", "mask", "support", "flatfield", "dark", "errors", "weights", "trimbit"].contains {
            last == $0 || last.hasPrefix($0 + "_") || last.hasSuffix("_" + $0)
        }
    }

    /// True when there are neither images nor links that may lead to some.
    var isEmpty: Bool { candidates.isEmpty && misfits.isEmpty && broken.isEmpty }

    /// True when there are images, but no stack of them and no link that may lead to one.
    var holdsImagesOnly: Bool {
        candidates.isEmpty && broken.isEmpty && !misfits.isEmpty && misfits.allSatisfy { $0.shape.count == 2 }
    }

    /// The candidates without what another one is made of: the sources of a virtual dataset in the same file.
    private var whole: [StackCandidate] {
        let parts = Set(candidates.flatMap { $0.datasets.flatMap(\.sourcesInItsFile) })
        let whole = candidates.filter { candidate in
            !candidate.datasets.allSatisfy { parts.contains(HDF5Location($0)) }
        }
        // Of those that are made of one another none is a part.
        return whole.isEmpty ? candidates : whole
    }

    /// The same choice with one candidate only.
    func narrowed(to candidate: StackCandidate) -> StackChoice {
        var choice = self
        choice.candidates = [candidate]
        return choice
    }

    /// The only candidate.
    ///
    /// - Throws: ``ScanFileError`` when there is none, or more than one.
    func only(in path: String) throws(ScanFileError) -> StackCandidate {
        // What this HDF5 cannot read may be the detector's stack; another one is not taken in its place.
        if let unreadable = broken.first(where: \.needsNewerLibrary) { throw unreadable }
        let candidates = whole
        if candidates.count > 1 {
            // Of several that no detector is said to have taken, none is a scan.
            throw ScanFileError(
                candidates.contains(where: \.detector.isDetector) ? .input : .noScan, path: path,
                problem: "holds several stacks of images: \(candidates.map(\.name).joined(separator: ", ")); "
                    + "choose one with --dataset")
        }
        if let candidate = candidates.first { return candidate }
        if let error = broken.first { throw error }
        if let misfit = misfits.first(where: { $0.elementType == nil }) {
            throw ScanFileError(
                .noScan, path: misfit.file.path, dataset: misfit.path,
                problem: "expected numbers, found \(misfit.typeName)")
        }
        if let misfit = misfits.first(where: { $0.shape.count > 3 }) { throw StackAxes.problem(misfit) }
        if let misfit = misfits.first {
            throw ScanFileError(
                .noScan, path: misfit.file.path, dataset: misfit.path,
                problem: "expected 3 axes (frame, row, column), found \(misfit.shape.count): "
                    + misfit.shape.map(String.init).joined(separator: "x"))
        }
        throw ScanFileError(.noScan, path: path, problem: "holds no stack of images (a dataset with 3 axes)")
    }
}

/// Looks through a whole file for stacks of images.
struct StackSearch {
    private(set) var choice: StackChoice
    private var visited: Set<String> = []

    init(choice: StackChoice) { self.choice = choice }

    /// Everything that may be the detector's stack in a group and all groups below it.
    static func search(_ group: LinkedGroup, _ request: ScanRequest) throws(ScanFileError) -> StackChoice {
        var search = StackSearch(choice: request.choice)
        try search.visit(group, name: "", depth: 0)
        return search.choice
    }

    /// - Parameter name: The path of `group` as seen in the input.
    private mutating func visit(_ group: LinkedGroup, name: String, depth: Int) throws(ScanFileError) {
        guard depth < 12, visited.insert(group.group.identity).inserted else { return }
        let names = try group.names()
        let series = names.filter(DectrisSeries.isMember)
        let isUnited = !series.isEmpty && unitesSeries(series, group)
        for member in names where !series.contains(member) && (series.isEmpty || isUnited || member != "data") {
            do throws(ScanFileError) {
                switch try group.node(member) {
                case .dataset(let dataset):
                    choice.consider(dataset, name: "\(name)/\(member)", detector: group)
                case .group(let child):
                    try visit(
                        LinkedGroup(group: child, walker: group.walker), name: "\(name)/\(member)", depth: depth + 1)
                case nil: break
                }
            } catch { choice.note(broken: error) }
        }
        // Beside the files of a series there may be a virtual dataset that unites them.
        if !series.isEmpty, !isUnited { visit(series: series, of: group, name: name) }
    }

    /// Whether the dataset `data` beside the files of a series holds all of their frames.
    private func unitesSeries(_ names: [String], _ group: LinkedGroup) -> Bool {
        guard let united = group.dataset("data"), united.shape.count > 2 else { return false }
        guard let series = try? DectrisSeries(names, of: group) else { return true }
        return united.shape[0] >= series.datasets.reduce(0) { $0 + $1.shape[0] }
    }

    private mutating func visit(series: [String], of group: LinkedGroup, name: String) {
        do throws(ScanFileError) {
            let files = try DectrisSeries(series, of: group)
            let name = files.datasets.count == 1 ? "\(name)/\(series[0])" : name
            choice.consider(series: files, name: name, detector: group)
        } catch { choice.note(broken: error) }
    }
}

/// Which axes of a dataset with more than three are frame, row and column.
enum StackAxes {
    /// The part of a dataset that is a stack of images, with what a person should know of it; `nil` where that is not
    /// clear.
    ///
    /// Axes of length 1 are left out. Of (frame, threshold, row, column) one threshold is taken.
    /// - Parameters:
    ///   - threshold: from 1.
    ///   - isTold: whether the second axis is known to be that of thresholds.
    static func stack(
        _ dataset: HDF5Dataset, threshold: Int, isTold: Bool
    ) -> (dataset: HDF5Dataset, remark: String?)? {
        let leading = dataset.shape.dropLast(2)
        guard leading.count > 1, leading.count <= 4 else { return nil }
        var plane = HDF5Plane.whole(dataset.shape.count)
        let long = leading.indices.filter { leading[$0] != 1 }
        let frames = long.first ?? 0
        for axis in leading.indices where axis != frames { plane.indices[axis] = 0 }
        guard let thresholds = long.dropFirst().first else { return (dataset.seen(as: plane), nil) }
        guard long.count == 2, isTold, dataset.externalParts.isEmpty,
            (1...dataset.shape[thresholds]).contains(threshold)
        else { return nil }
        plane.indices[thresholds] = threshold - 1
        return (dataset.seen(as: plane), "threshold \(threshold) of \(dataset.shape[thresholds]) was taken")
    }

    /// Why a dataset with too many axes is no stack of images.
    static func problem(_ dataset: HDF5Dataset) -> ScanFileError {
        let words = dataset.shape.map(String.init).joined(separator: "x")
        let advice =
            dataset.shape.count == 4
            ? "; where the second axis is that of thresholds, `threshold` takes one; where it is that of exposures at each "
                + "point, `series` sums them or takes each as a frame" : ""
        return ScanFileError(
            path: dataset.file.path, dataset: dataset.path,
            problem: "expected 3 axes (frame, row, column), found \(dataset.shape.count): \(words)\(advice)")
    }
}

extension LinkedGroup {
    /// Whether a detector of the file says that it has so many thresholds: EIGER2 and PILATUS4 describe each in a group
    /// `threshold_<n>_channel`.
    func hasThresholds(_ count: Int) -> Bool {
        guard let root = try? walker.root(of: file) else { return false }
        let top = LinkedGroup(group: root, walker: walker)
        let instruments = ((try? top.names()) ?? []).compactMap { top.child("\($0)/instrument") }
        let detectors =
            [self]
            + instruments.flatMap { instrument in
                ((try? instrument.names()) ?? []).compactMap { instrument.child($0) }
            }
        return detectors.contains { detector in
            let channels = ((try? detector.names()) ?? []).count { $0.wholeMatch(of: /threshold_\d+_channel/) != nil }
            return channels == count
        }
    }
}

extension HDF5Dataset {
    /// The datasets of the same file that a virtual dataset is made of.
    fileprivate var sourcesInItsFile: [HDF5Location] {
        guard layout == .virtual, let sources = try? virtualSources() else { return [] }
        return sources.filter { $0.file == "." }.map { source in
            var location = HDF5Location(self)
            location.plane = nil
            location.dataset = source.dataset.hasPrefix("/") ? source.dataset : "/" + source.dataset
            return location
        }
    }
}
