internal import Foundation
internal import Volume

/// Finds out where the values of a 3D dataset lie and whether every one of them can be read.
///
/// HDF5 fills with zeros, and reports success, whatever a virtual dataset maps onto a missing or short file and
/// whatever was never written; all of that is found here, before anything is read.
struct StackInspector {
    let walker: LinkWalker
    /// The path by which the stack is known in the input.
    let name: String
    private var segments: [FrameSegment] = []
    /// Frames onto which something is mapped, readable or not.
    private var mapped: [Range<Int>] = []
    private var faults: [FrameFault] = []
    private var filters: [String] = []
    private var sourcePaths: [String] = []
    private var problem: ScanFileError?
    private var isMosaic = false

    private init(walker: LinkWalker, name: String) {
        self.walker = walker
        self.name = name
    }

    /// Looks at one dataset, or at several that follow one another along the frames, as Dectris writes them.
    ///
    /// - Parameter allowsImage: An image (row, column) counts as a stack of one frame.
    static func inspect(
        _ series: [HDF5Dataset], name: String, walker: LinkWalker, allowsImage: Bool = false
    ) throws(ScanFileError) -> StackFinding {
        var inspector = StackInspector(walker: walker, name: name)
        guard let first = series.first else { return StackFinding() }
        if let unsuitable = Self.unsuitability(of: series, allowsImage: allowsImage) {
            return StackFinding(problem: unsuitable)
        }

        var frames = 0
        for dataset in series {
            try inspector.visit(
                dataset, frames: frames..<frames + dataset.frameCount, firstSourceFrame: 0, depth: 0)
            frames += dataset.frameCount
        }
        if inspector.isMosaic, series.count > 1 {
            throw ScanFileError(path: first.file.path, dataset: name, problem: "a series of mosaics is not supported")
        }
        return try inspector.finding(frames: frames, like: first)
    }

    /// Why datasets are no stack of images; `nil` when they are.
    private static func unsuitability(of series: [HDF5Dataset], allowsImage: Bool) -> ScanFileError? {
        guard let first = series.first else { return nil }
        for dataset in series {
            let shape = dataset.shape.map(String.init).joined(separator: "x")
            let problem: String? =
                if dataset.elementType == nil {
                    "expected numbers, found \(dataset.typeName)"
                } else if let unsuitable = StackShape.problem(with: dataset.shape, allowsImage: allowsImage) {
                    unsuitable
                } else if dataset.shape.suffix(2) != first.shape.suffix(2)
                    || dataset.elementType != first.elementType
                {
                    "expected frames like those of \(first.path), found the shape \(shape)"
                } else {
                    nil
                }
            if let problem { return ScanFileError(path: dataset.file.path, dataset: dataset.path, problem: problem) }
        }
        return nil
    }

    private func finding(frames: Int, like first: HDF5Dataset) throws(ScanFileError) -> StackFinding {
        guard let elementType = first.elementType else { return StackFinding() }
        var sources: [SourceFile] = []
        for path in sourcePaths { sources.append(try SourceFile(path)) }
        let ordered = segments.sorted { $0.frames.lowerBound < $1.frames.lowerBound }
        let stack = FrameStack(
            dataset: name, shape: VolumeShape(frames: frames, frame: first.frameShape),
            elementType: elementType, filters: filters, sources: sources,
            storage: isMosaic
                ? .mosaic(HDF5Location(file: first.file.path, dataset: first.path)) : .segments(ordered))
        var faults = faults + unmapped(among: frames, of: first)
        faults.sort { $0.frames.lowerBound < $1.frames.lowerBound }
        return StackFinding(stack: stack, faults: faults, problem: problem)
    }

    // MARK: Datasets

    /// Adds the frames of a dataset, which may itself be virtual.
    private mutating func visit(
        _ dataset: HDF5Dataset, frames: Range<Int>, firstSourceFrame: Int, depth: Int
    ) throws(ScanFileError) {
        guard depth < 8 else {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path, problem: "its virtual sources lead in a circle")
        }
        guard dataset.layout == .virtual else {
            note(dataset)
            mapped.append(frames)
            segments.append(
                FrameSegment(
                    frames: frames, location: HDF5Location(file: dataset.file.path, dataset: dataset.path),
                    firstSourceFrame: firstSourceFrame))
            let needed = firstSourceFrame..<firstSourceFrame + frames.count
            for missing in try dataset.unwrittenFrames(among: needed) {
                faults.append(fault(unwritten: missing, of: dataset, shiftedBy: frames.lowerBound - firstSourceFrame))
            }
            return
        }
        let sources = try dataset.naming(dataset.virtualSources())
        let shift = frames.lowerBound - firstSourceFrame
        if sources.allSatisfy({ $0.coversWholeFrames(of: dataset.shape) }) {
            let needed = firstSourceFrame..<firstSourceFrame + frames.count
            for source in sources {
                let mapped = (source.start[0]..<source.start[0] + source.extents[0]).clamped(to: needed)
                guard !mapped.isEmpty else { continue }
                let first = (source.sourceStart.first ?? 0) + mapped.lowerBound - source.start[0]
                let target = mapped.lowerBound + shift..<mapped.upperBound + shift
                if let opened = try open(source, of: dataset, frames: target, firstNeeded: first) {
                    try visit(opened, frames: target, firstSourceFrame: first, depth: depth + 1)
                }
            }
        } else {
            isMosaic = true
            for source in sources { try visitTile(source, of: dataset, shiftedBy: shift) }
        }
    }

    /// Opens the dataset that a whole-frame mapping needs; a source that is absent or too short becomes a fault.
    private mutating func open(
        _ source: HDF5VirtualSource, of dataset: HDF5Dataset, frames: Range<Int>, firstNeeded: Int
    ) throws(ScanFileError) -> HDF5Dataset? {
        guard let opened = try openSource(source, of: dataset, frames: frames) else { return nil }
        let available = opened.frameCount
        let rank = opened.shape.count
        let expectedRanks = source.sourceExtents.isEmpty ? [2, 3] : [source.sourceExtents.count]
        guard expectedRanks.contains(rank), opened.frameShape == dataset.frameShape, opened.elementType != nil
        else {
            throw ScanFileError(
                path: opened.file.path, dataset: opened.path,
                problem: "expected images of \(dataset.frameShape) for \(dataset.path), "
                    + "found the shape \(opened.shape.map(String.init).joined(separator: "x"))")
        }
        let lacking = firstNeeded + frames.count - available
        guard lacking > 0 else { return opened }
        let first = max(frames.lowerBound, frames.upperBound - lacking)
        faults.append(
            FrameFault(
                frames: first..<frames.upperBound, kind: .short,
                error: ScanFileError(
                    path: opened.file.path, dataset: opened.path,
                    problem: "expected \(firstNeeded + frames.count) frames, found \(available); "
                        + "\(dataset.path) of \(dataset.file.path) takes its values from there")))
        if first > frames.lowerBound {
            try visit(opened, frames: frames.lowerBound..<first, firstSourceFrame: firstNeeded, depth: 1)
        }
        return nil
    }

    /// Opens the dataset behind a mapping; one that is absent becomes a fault.
    private mutating func openSource(
        _ source: HDF5VirtualSource, of dataset: HDF5Dataset, frames: Range<Int>
    ) throws(ScanFileError) -> HDF5Dataset? {
        guard !source.file.contains("%") else {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "its sources are named by the pattern \(source.file), which is not supported")
        }
        do throws(ScanFileError) {
            let file = try walker.file(named: source.file, in: dataset.file, by: dataset.path)
            if let found = try walker.open("/" + source.dataset, from: walker.root(of: file))?.dataset { return found }
            throw ScanFileError(
                path: file.path, dataset: source.dataset,
                problem: "there is no such dataset; \(dataset.path) of \(dataset.file.path) takes its values from there"
            )
        } catch {
            let kind: FrameFault.Kind = access(error.path, F_OK) == 0 ? .unreadable : .missing
            faults.append(FrameFault(frames: frames, kind: kind, error: error))
            return nil
        }
    }

    /// Checks one part of a virtual dataset that is read by HDF5 itself.
    private mutating func visitTile(
        _ source: HDF5VirtualSource, of dataset: HDF5Dataset, shiftedBy shift: Int
    ) throws(ScanFileError) {
        let first = source.start[0] + shift
        let frames = first..<first + min(source.extents[0], dataset.shape[0] - source.start[0])
        mapped.append(frames)
        guard let opened = try openSource(source, of: dataset, frames: frames) else { return }
        guard opened.layout != .virtual else {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "is a mosaic of virtual datasets, which is not supported")
        }
        note(opened)
        let isWhole = source.sourceExtents.isEmpty
        let needed = isWhole ? opened.shape : zip(source.sourceStart, source.sourceExtents).map { $0 + $1 }
        guard needed.count == opened.shape.count, zip(needed, opened.shape).allSatisfy({ $0 <= $1 }) else {
            faults.append(
                FrameFault(
                    frames: frames, kind: .short,
                    error: ScanFileError(
                        path: opened.file.path, dataset: opened.path,
                        problem: "expected at least the extents \(needed), found \(opened.shape); "
                            + "\(dataset.path) of \(dataset.file.path) takes its values from there")))
            return
        }
        guard needed.count == 3 else { return }
        let firstSource = isWhole ? 0 : source.sourceStart[0]
        for missing in try opened.unwrittenFrames(among: firstSource..<needed[0]) {
            faults.append(fault(unwritten: missing, of: opened, shiftedBy: first - firstSource))
        }
    }

    // MARK: Notes

    private mutating func note(_ dataset: HDF5Dataset) {
        if !sourcePaths.contains(dataset.file.path) { sourcePaths.append(dataset.file.path) }
        for filter in dataset.filters where !filters.contains(filter.commonName) { filters.append(filter.commonName) }
        guard problem == nil, let hindrance = dataset.filters.lazy.compactMap(\.hindrance).first else { return }
        problem = ScanFileError(path: dataset.file.path, dataset: dataset.path, problem: hindrance)
    }

    private func fault(unwritten missing: Range<Int>, of dataset: HDF5Dataset, shiftedBy shift: Int) -> FrameFault {
        let which =
            missing.count == 1
            ? "frame \(missing.lowerBound) was"
            : "frames \(missing.lowerBound) to \(missing.upperBound - 1) were"
        return FrameFault(
            frames: missing.lowerBound + shift..<missing.upperBound + shift, kind: .unwritten,
            error: ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "\(which) never written; the shape promises \(dataset.shape[0])"))
    }

    /// Frames onto which no source is mapped, beyond those that already are faults.
    private func unmapped(among frames: Int, of dataset: HDF5Dataset) -> [FrameFault] {
        var covered = [Bool](repeating: false, count: frames)
        for range in mapped + faults.map(\.frames) {
            for frame in range.clamped(to: 0..<frames) { covered[frame] = true }
        }
        return covered.indices.split { covered[$0] }.compactMap { run in
            guard let first = run.first, let last = run.last else { return nil }
            return FrameFault(
                frames: first..<last + 1, kind: .unwritten,
                error: ScanFileError(
                    path: dataset.file.path, dataset: dataset.path,
                    problem: "no source is mapped onto frames \(first) to \(last)"))
        }
    }
}

extension HDF5VirtualSource {
    /// True when the part consists of whole, consecutive frames in both the virtual dataset and the source.
    fileprivate func coversWholeFrames(of shape: [Int]) -> Bool {
        isDense && start.count == 3 && start.dropFirst().allSatisfy { $0 == 0 }
            && extents.dropFirst() == shape.dropFirst() && sourceStart.suffix(2).allSatisfy { $0 == 0 }
            && (sourceExtents.isEmpty || sourceExtents == extents
                || sourceExtents == Array(extents.suffix(2)) && extents[0] == 1)
    }
}
