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
    /// The files of the series where it is one.
    var series: DectrisSeries?
}

extension LinkedGroup {
    /// True for a group that describes a detector in the NeXus way.
    var isDetector: Bool { nexusClass == "NXdetector" }
}

/// The detector's stack among all that a scan holds.
struct StackChoice {
    /// Which threshold is taken where there are several; `nil` for the first, where the file says that it has some.
    var threshold: Int?
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
        guard dataset.elementType != nil, dataset.shape.count > 1, !Self.isAccessory(name),
            dataset.shape.suffix(2).allSatisfy({ $0 >= Self.leastExtent })
        else { return }
        let identity = dataset.identity
        guard let (stack, remark) = stack(dataset, detector: detector) else {
            misfits.append(dataset)
            return
        }
        let candidate = StackCandidate(name: name, datasets: [stack], detector: detector, remark: remark)
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

    /// Takes the dataset or series that the user named, whatever it is.
    mutating func choose(
        _ datasets: [HDF5Dataset], series: DectrisSeries? = nil, name: String, detector: LinkedGroup
    ) {
        let stacks = datasets.map { stack($0, detector: detector) ?? ($0, nil) }
        candidates = [
            StackCandidate(
                name: name, datasets: stacks.map(\.dataset), detector: detector, remark: stacks.first?.remark,
                series: series)
        ]
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
        if let unreadable = broken.first(where: \.isForWantOfVersion) { throw unreadable }
        if candidates.count > 1 {
            // Of several that no detector is said to have taken, none is a scan.
            throw ScanFileError(
                candidates.contains(where: \.detector.isDetector) ? .input : .noScan, path: path,
                problem: "holds several stacks of images: \(candidates.map(\.name).joined(separator: ", ")); "
                    + "choose one with --dataset")
        }
        if let candidate = candidates.first { return candidate }
        if let error = broken.first { throw error }
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
