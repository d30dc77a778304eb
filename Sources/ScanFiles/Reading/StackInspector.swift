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
    /// In the order in which they are mapped: of two that overlap, HDF5 takes the later one.
    private var segments: [FrameSegment] = []
    private var faults: [FrameFault] = []
    private var filters: [String] = []
    private var elementTypes: [ElementType] = []
    private var sourcePaths: [String] = []
    private var knownPaths: Set<String> = []
    private var problem: ScanFileError?
    private var noted: Set<HDF5Location> = []
    private var unwritten: [HDF5Location: [Range<Int>]] = [:]
    private var opened: [String: HDF5Dataset] = [:]

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
                dataset, frames: frames..<frames + dataset.frameCount, firstSourceFrame: 0,
                tile: Tile(dataset.frameShape), depth: 0)
            frames += dataset.frameCount
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
        guard let elementType = try elementType(like: first) else { return StackFinding() }
        var sources: [SourceFile] = []
        for path in sourcePaths { sources.append(try SourceFile(path)) }
        let coverage = FrameCoverage(of: segments, frames: frames, frame: first.frameShape, faults: faults)
        let stack = FrameStack(
            dataset: name, shape: VolumeShape(frames: frames, frame: first.frameShape),
            elementType: elementType, filters: filters, sources: sources, unrecorded: coverage.unrecorded,
            storage: .segments(segments))
        var faults = faults + coverage.faults(of: first)
        faults.sort { $0.frames.lowerBound < $1.frames.lowerBound }
        return StackFinding(stack: stack, faults: faults, problem: problem)
    }

    /// The type in which the values were recorded, whatever a virtual dataset makes of them: a cast would turn the flag of
    /// a wider source into a count, and −1 into 0.
    private func elementType(like dataset: HDF5Dataset) throws(ScanFileError) -> ElementType? {
        guard let declared = dataset.elementType, let first = elementTypes.first else { return dataset.elementType }
        var common: ElementType? = first
        for type in elementTypes { common = common?.united(with: type) }
        guard let common, declared.isFloatingPoint || !common.isFloatingPoint else {
            let found = elementTypes.map(\.rawValue).joined(separator: " and ")
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "expected sources that \(declared.rawValue) can hold, found \(found)")
        }
        return common
    }

    // MARK: Datasets

    /// Adds the frames of a dataset, which may itself be virtual.
    ///
    /// - Parameters:
    ///   - frames: of the stack.
    ///   - tile: the rectangle of the stack's frames that it fills, and where that lies in its own.
    private mutating func visit(
        _ dataset: HDF5Dataset, frames: Range<Int>, firstSourceFrame: Int, tile: Tile, depth: Int
    ) throws(ScanFileError) {
        guard depth < 8 else {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path, problem: "its virtual sources lead in a circle")
        }
        let needed = firstSourceFrame..<firstSourceFrame + frames.count
        let shift = frames.lowerBound - firstSourceFrame
        guard dataset.layout == .virtual else {
            note(dataset)
            let location = HDF5Location(dataset)
            segments.append(
                FrameSegment(frames: frames, location: location, firstSourceFrame: firstSourceFrame, tile: tile))
            for missing in try unwrittenFrames(of: dataset) where missing.overlaps(needed) {
                faults.append(fault(unwritten: missing.clamped(to: needed), of: dataset, shiftedBy: shift))
            }
            for fault in dataset.externalFaults() where fault.frames.overlaps(needed) {
                var fault = fault
                let frames = fault.frames.clamped(to: needed)
                fault.frames = frames.lowerBound + shift..<frames.upperBound + shift
                faults.append(fault)
            }
            return
        }
        for mapping in try dataset.naming(dataset.virtualSources()) {
            for source in mapping.blocks(of: dataset.shape) {
                let frames = source.targetFrames(in: dataset).map { $0.clamped(to: needed) }
                    .filter { !$0.isEmpty }.map { $0.lowerBound + shift..<$0.upperBound + shift }
                guard !frames.isEmpty, let opened = try openSource(source, of: dataset, frames: frames) else {
                    continue
                }
                try visit(
                    opened, as: source, of: dataset, needed: needed, shift: shift, tile: tile, depth: depth + 1)
            }
        }
    }

    /// Adds what one mapping of a virtual dataset takes from its source; what the source lacks becomes a fault.
    private mutating func visit(
        _ opened: HDF5Dataset, as source: HDF5VirtualSource, of dataset: HDF5Dataset, needed: Range<Int>, shift: Int,
        tile: Tile, depth: Int
    ) throws(ScanFileError) {
        guard opened.elementType != nil,
            let part = VirtualPart(source, onto: dataset.shape, from: opened.shape),
            part.tile.firstSourceRow + part.tile.rows.count <= opened.frameShape.rows,
            part.tile.firstSourceColumn + part.tile.columns.count <= opened.frameShape.columns
        else {
            throw ScanFileError(
                path: opened.file.path, dataset: opened.path,
                problem: "expected images of \(dataset.frameShape) for \(dataset.path), "
                    + "found the shape \(opened.shape.map(String.init).joined(separator: "x"))")
        }
        guard let inner = tile.taking(part.tile) else { return }
        for run in part.runs {
            let wanted = run.frames.clamped(to: needed)
            guard !wanted.isEmpty else { continue }
            let first = run.firstSourceFrame + wanted.lowerBound - run.frames.lowerBound
            let frames = wanted.lowerBound + shift..<wanted.upperBound + shift
            let there = min(frames.count, max(0, opened.frameCount - first))
            if there < frames.count {
                faults.append(
                    FrameFault(
                        frames: frames.lowerBound + there..<frames.upperBound, kind: .short,
                        error: ScanFileError(
                            path: opened.file.path, dataset: opened.path,
                            problem: "expected \(first + frames.count) frames, found \(opened.frameCount); "
                                + "\(dataset.path) of \(dataset.file.path) takes its values from there")))
            }
            guard there > 0 else { continue }
            try visit(
                opened, frames: frames.lowerBound..<frames.lowerBound + there, firstSourceFrame: first, tile: inner,
                depth: depth)
        }
    }

    /// Opens the dataset behind a mapping; one that is absent becomes a fault of the given frames.
    private mutating func openSource(
        _ source: HDF5VirtualSource, of dataset: HDF5Dataset, frames: [Range<Int>]
    ) throws(ScanFileError) -> HDF5Dataset? {
        let key = [dataset.file.path, source.file, source.dataset, "\(source.sourcePlane?.indices ?? [])"]
            .joined(separator: "\n")
        if let opened = opened[key] { return opened }
        do throws(ScanFileError) {
            let file = try walker.file(named: source.file, in: dataset.file, by: dataset.path)
            if let found = try walker.open("/" + source.dataset, from: walker.root(of: file))?.dataset?
                .seen(through: source)
            {
                // Thousands of sources cannot all stay open.
                if opened.count >= Self.mostOpen { opened = [:] }
                opened[key] = found
                return found
            }
            throw ScanFileError(
                path: file.path, dataset: source.dataset,
                problem: "there is no such dataset; \(dataset.path) of \(dataset.file.path) takes its values from there"
            )
        } catch {
            let kind: FrameFault.Kind = access(error.path, F_OK) == 0 ? .unreadable : .missing
            for frames in frames { faults.append(FrameFault(frames: frames, kind: kind, error: error)) }
            return nil
        }
    }

    private static let mostOpen = 64

    // MARK: Notes

    private mutating func note(_ dataset: HDF5Dataset) {
        guard noted.insert(HDF5Location(dataset)).inserted else { return }
        // A file may hold many datasets, and a dataset may lie in many files.
        let raw = dataset.externalParts.map(\.path).filter { access($0, F_OK) == 0 }
        for path in [dataset.file.path] + raw where knownPaths.insert(path).inserted { sourcePaths.append(path) }
        for filter in dataset.filters where !filters.contains(filter.commonName) { filters.append(filter.commonName) }
        if let type = dataset.elementType, !elementTypes.contains(type) { elementTypes.append(type) }
        guard problem == nil, let decodingProblem = dataset.filters.lazy.compactMap(\.decodingProblem).first else {
            return
        }
        problem = ScanFileError(path: dataset.file.path, dataset: dataset.path, problem: decodingProblem)
    }

    /// Frames of a dataset that were never written, looked for once.
    private mutating func unwrittenFrames(of dataset: HDF5Dataset) throws(ScanFileError) -> [Range<Int>] {
        let location = HDF5Location(dataset)
        if let known = unwritten[location] { return known }
        let found = try dataset.unwrittenFrames(among: 0..<dataset.frameCount)
        unwritten[location] = found
        return found
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
                problem: "\(which) never written; the shape promises \(dataset.frameCount)"))
    }
}

extension HDF5Dataset {
    /// What a mapping takes of its source.
    fileprivate func seen(through mapping: HDF5VirtualSource) -> HDF5Dataset {
        guard let plane = mapping.sourcePlane, plane.indices.count == extents.count else { return self }
        return seen(as: plane)
    }
}

extension HDF5VirtualSource {
    /// The frames of the virtual dataset that it fills.
    fileprivate func targetFrames(in dataset: HDF5Dataset) -> [Range<Int>] {
        let whole = 0..<dataset.frameCount
        guard dataset.shape.count == 3, let frames = target?.first else { return [whole] }
        return frames.runs(within: dataset.shape[0]).map { $0.clamped(to: whole) }
    }
}
