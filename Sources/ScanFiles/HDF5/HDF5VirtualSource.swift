internal import CHDF5

/// One part of a virtual dataset: lines of it, and the dataset, usually in another file, that holds the values.
package struct HDF5VirtualSource: Sendable, Equatable {
    /// The file name as the virtual dataset gives it: absolute, or relative to the directory of its own file; "." is the
    /// same file. `%b` stands for the number of a block.
    package var file: String
    package var dataset: String
    /// The lines of the virtual dataset, for each axis; `nil` all of them.
    package var target: [LineSelection]?
    /// The lines of the source, for each of its axes; they may leave out axes of length 1. `nil` stands for the whole
    /// source, whose shape the virtual dataset does not know.
    package var source: [LineSelection]?
    /// Which axes of the source are held at an index, where the mapping takes one line of them; `nil` for none.
    var sourcePlane: HDF5Plane?

    package init(file: String, dataset: String, target: [LineSelection]?, source: [LineSelection]?) {
        self.file = file
        self.dataset = dataset
        self.target = target
        self.source = source
    }

    /// A block of the one and a block of the other.
    ///
    /// - Parameter sourceExtents: Empty for the whole source.
    package init(
        file: String, dataset: String, start: [Int], extents: [Int], sourceStart: [Int], sourceExtents: [Int]
    ) {
        let block = { (start: [Int], extents: [Int]) in zip(start, extents).map { LineSelection($0..<$0 + $1) } }
        self.init(
            file: file, dataset: dataset, target: block(start, extents),
            source: sourceExtents.isEmpty ? nil : block(sourceStart, sourceExtents))
    }
}

extension HDF5Dataset {
    /// The parts of a virtual dataset, in the order in which they are mapped; empty for other layouts.
    package func virtualSources() throws(HDF5Failure) -> [HDF5VirtualSource] {
        guard layout == .virtual else { return [] }
        return try HDF5Library.perform { () throws(HDF5Failure) in
            let creation = try HDF5Handle(
                H5Dget_create_plist(handle.id), "open the properties of \(path)", close: H5Pclose)
            var count = 0
            guard H5Pget_virtual_count(creation.id, &count) >= 0 else {
                throw HDF5Failure("count the sources of \(path)")
            }
            var sources: [HDF5VirtualSource] = []
            for index in 0..<count {
                let file = textOfUnknownLength { H5Pget_virtual_filename(creation.id, index, $0, $1) }
                let dataset = textOfUnknownLength { H5Pget_virtual_dsetname(creation.id, index, $0, $1) }
                guard let file, let dataset else { throw HDF5Failure("read the sources of \(path)") }
                let target = try selection(of: H5Pget_virtual_vspace(creation.id, index))
                // A mapping of nothing is none, and HDF5 cannot tell what it takes from its source.
                if target?.isEmpty == true { continue }
                let source = try selection(of: H5Pget_virtual_srcspace(creation.id, index))
                if source?.isEmpty == true { continue }
                let mapping = HDF5VirtualSource(file: file, dataset: dataset, target: target, source: source)
                let part = plane.isWhole ? mapping : plane.part(of: mapping, extents: extents)
                if let part { sources.append(part.droppingSingleLines(forRank: shape.count)) }
            }
            return sources
        }
    }

    /// The lines that a selection takes on each axis: `nil` for everything, empty for nothing.
    private func selection(of spaceID: hid_t) throws(HDF5Failure) -> [LineSelection]? {
        let space = try HDF5Handle(spaceID, "read the sources of \(path)", close: H5Sclose)
        switch H5Sget_select_type(space.id) {
        case H5S_SEL_ALL: return nil
        case H5S_SEL_NONE: return []
        default: break
        }
        let rank = max(0, Int(H5Sget_simple_extent_ndims(space.id)))
        var start = [hsize_t](repeating: 0, count: rank)
        var (stride, count, block) = (start, start, start)
        guard H5Sget_select_type(space.id) == H5S_SEL_HYPERSLABS, H5Sis_regular_hyperslab(space.id) > 0,
            H5Sget_regular_hyperslab(space.id, &start, &stride, &count, &block) >= 0
        else {
            throw HDF5Failure("read the sources of \(path)", reason: "a mapping of an irregular form is not supported")
        }
        return (0..<rank).map { axis in
            let known = { (number: hsize_t) in number == lacuna_h5s_unlimited() ? nil : Int(clamping: number) }
            let (count, block) = (known(count[axis]), known(block[axis]))
            // The distance between blocks means nothing where there is one.
            let stride = count == 1 ? max(1, block ?? 1) : Int(clamping: stride[axis])
            return LineSelection(start: Int(clamping: start[axis]), stride: stride, count: count, block: block)
        }
    }
}

extension HDF5VirtualSource {
    /// The sources that a name with `%b` stands for, one for each block of a dataset of the given extents.
    ///
    /// HDF5 writes `%%` for a percent sign.
    func blocks(of extents: [Int]) -> [HDF5VirtualSource] {
        var plain = self
        let patterns = [file, dataset].map { $0.replacing("%%", with: "\0") }
        guard patterns.contains(where: { $0.contains("%b") }), let target,
            let axis = target.firstIndex(where: \.isUnlimited), axis < extents.count
        else {
            (plain.file, plain.dataset) = (Self.name(patterns[0]), Self.name(patterns[1]))
            return [plain]
        }
        return target[axis].runs(within: extents[axis]).flatMap { run in
            // Blocks without a space between them come as one.
            stride(from: run.lowerBound, to: run.upperBound, by: target[axis].block ?? run.count).map { first in
                var part = self
                let number = (first - target[axis].start) / max(1, target[axis].stride)
                part.file = Self.name(patterns[0], number)
                part.dataset = Self.name(patterns[1], number)
                part.target?[axis] = LineSelection(
                    first..<min(run.upperBound, first + (target[axis].block ?? run.count)))
                return part
            }
        }
    }

    private static func name(_ pattern: String, _ block: Int = 0) -> String {
        pattern.replacing("%b", with: String(block)).replacing("\0", with: "%")
    }
}

/// Which lines along one axis a selection takes: blocks of equal length at equal distances.
package struct LineSelection: Hashable, Sendable {
    package var start: Int
    /// From the first line of a block to that of the next.
    package var stride: Int
    /// Number of blocks; `nil` as many as there are.
    package var count: Int?
    /// Lines in each block; `nil` all from `start` on.
    package var block: Int?

    package init(start: Int, stride: Int = 1, count: Int? = 1, block: Int? = 1) {
        self.start = start
        self.stride = stride
        self.count = count
        self.block = block
    }

    /// Consecutive lines.
    package init(_ lines: Range<Int>) {
        self.init(start: lines.lowerBound, stride: max(1, lines.count), block: lines.count)
    }

    /// True when it takes whatever there will be.
    var isUnlimited: Bool { count == nil || block == nil }

    /// The lines in order; what has no limit ends with the axis, what has one does not.
    func runs(within extent: Int) -> [Range<Int>] {
        guard let block else { return start < extent ? [start..<extent] : [] }
        guard block > 0, stride > 0 else { return [] }
        let blocks = count ?? max(0, (extent - start + stride - 1) / stride)
        if stride == block { return joined(blocks: blocks, of: block, within: extent) }
        let runs = (0..<blocks).map { start + $0 * stride..<start + $0 * stride + block }
        return count == nil ? runs.map { $0.clamped(to: 0..<max(extent, 0)) }.filter { !$0.isEmpty } : runs
    }

    /// Blocks without a space between them are one.
    private func joined(blocks: Int, of block: Int, within extent: Int) -> [Range<Int>] {
        let end = start + blocks * block
        let run = start..<(count == nil ? min(end, max(extent, start)) : end)
        return run.isEmpty ? [] : [run]
    }
}
