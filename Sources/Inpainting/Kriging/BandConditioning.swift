internal import Fourier
internal import Volume

/// Gives the unknown positions along one axis their conditional mean, given all else on the grid.
///
/// Where whole planes across an axis are unknown, the problem falls apart: for each frequency within the plane, the
/// unknown positions are a line in a stationary series of its own, and their part of its precision matrix is a
/// Hermitian Toeplitz matrix, whose system is solved exactly. Several runs on one axis are solved one after the other.
struct BandConditioning {
    private let grid: PeriodicGrid
    private let axis: PeriodicGrid.Axis
    private let runs: [Range<Int>]
    private let scratch: KrigingScratch
    private let lines: FourierLines
    /// Number of positions along the axis.
    private let count: Int
    /// Number of lines in a slab.
    private let lanes: Int

    init(grid: PeriodicGrid, axis: PeriodicGrid.Axis, runs: [Range<Int>], scratch: KrigingScratch) {
        self.grid = grid
        self.axis = axis
        self.runs = runs
        self.scratch = scratch
        lines = grid.lines(along: axis)
        count = lines.count
        lanes = lines.lanes
    }

    /// Moves the field, given by its spectrum in the scratch memory, to the conditional mean.
    func apply() {
        forEachSlab { slab, precision, _ in
            condition(slab, precision: precision)
            return true
        }
    }

    /// The conditional variance at the positions of one run, which the field does not change.
    func variances(of run: Range<Int>) -> [Float] {
        var sums = [Float](repeating: 0, count: run.count)
        forEachSlab { _, precision, weight in
            precisionColumn(precision)
            for lane in stride(from: 0, to: lanes, by: 8) {
                loadColumn(lane: lane, count: run.count)
                for index in 0..<run.count { scratch.solver.values[index] = .zero }
                scratch.solver.solve(count: run.count, diagonal: true)
                for index in 0..<run.count { sums[index] += weight * scratch.solver.inverseDiagonal[index].sum() }
            }
            return false
        }
        // The slabs' matrices are `count` times the precision; the mean is over all frequencies within the plane.
        let scale = Float(count) / Float(grid.shape.count / count)
        return sums.map { $0 * scale }
    }

    // MARK: - One slab of lines

    private func condition(
        _ slab: UnsafeMutableBufferPointer<ComplexFloat>, precision: UnsafeBufferPointer<Float>
    ) {
        let size = count * lanes
        let work = UnsafeMutableBufferPointer(rebasing: scratch.slabs.work[..<size])
        let product = UnsafeMutableBufferPointer(rebasing: scratch.slabs.product[..<size])
        for index in 0..<size { work[index] = slab[index] * precision[index] }
        lines.backward(work, to: product)
        precisionColumn(precision)
        for (index, run) in runs.enumerated() {
            for lane in stride(from: 0, to: lanes, by: 8) { solve(run, before: runs[(index + 1)...], lane: lane) }
        }
        // What is left are the changes at the unknown positions.
        var position = 0
        for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            zero(product, positions: position..<run.lowerBound)
            position = run.upperBound
        }
        zero(product, positions: position..<count)
        lines.forward(product, to: work)
        for index in 0..<size {
            slab[index].real += work[index].real
            slab[index].imaginary += work[index].imaginary
        }
    }

    /// Transforms the precision along the lines: the first column of each line's circulant precision matrix.
    private func precisionColumn(_ precision: UnsafeBufferPointer<Float>) {
        let work = UnsafeMutableBufferPointer(rebasing: scratch.slabs.work[..<(count * lanes)])
        for index in 0..<work.count { work[index] = ComplexFloat(precision[index]) }
        lines.backward(work, to: UnsafeMutableBufferPointer(rebasing: scratch.slabs.column[..<work.count]))
    }

    private func loadColumn(lane: Int, count: Int) {
        for index in 0..<count {
            scratch.solver.column[index] = .init(scratch.slabs.column, at: index &* lanes &+ lane)
        }
    }

    /// Replaces the product at the positions of a run by the change of the field, and adds to the product at the runs
    /// that are still to be solved what the change makes there.
    private func solve(_ run: Range<Int>, before others: ArraySlice<Range<Int>>, lane: Int) {
        let (product, column) = (scratch.slabs.product, scratch.slabs.column)
        loadColumn(lane: lane, count: run.count)
        for index in 0..<run.count {
            var value = ToeplitzSolver.Lanes(product, at: (run.lowerBound &+ index) &* lanes &+ lane)
            value.real = -value.real
            value.imaginary = -value.imaginary
            scratch.solver.values[index] = value
        }
        scratch.solver.solve(count: run.count, diagonal: false)
        for other in others {
            for target in other {
                var value = ToeplitzSolver.Lanes(product, at: target &* lanes &+ lane)
                for index in 0..<run.count {
                    let lag = (target &- run.lowerBound &- index &+ count) % count
                    value.add(
                        ToeplitzSolver.Lanes(column, at: lag &* lanes &+ lane), times: scratch.solver.values[index])
                }
                value.store(to: product, at: target &* lanes &+ lane)
            }
        }
        for index in 0..<run.count {
            scratch.solver.values[index].store(to: product, at: (run.lowerBound &+ index) &* lanes &+ lane)
        }
    }

    private func zero(_ slab: UnsafeMutableBufferPointer<ComplexFloat>, positions: Range<Int>) {
        slab[positions.lowerBound * lanes..<positions.upperBound * lanes].update(repeating: ComplexFloat(0))
    }

    // MARK: - The slabs of a spectrum

    /// Calls `body` with each slab of lines, the precision in the same order, and how often its frequencies stand in
    /// the whole spectrum; takes over what `body` writes where it returns true.
    private func forEachSlab(
        _ body: (UnsafeMutableBufferPointer<ComplexFloat>, UnsafeBufferPointer<Float>, Float) -> Bool
    ) {
        if axis == .frame { return forEachFrameSlab(body) }
        // The lines along rows and columns stand in the spectrum as they are wanted.
        let size = grid.shape.frame.count
        for frame in 0..<grid.transform.spectrumShape.frames {
            let range = frame * size..<(frame + 1) * size
            _ = body(
                UnsafeMutableBufferPointer(rebasing: scratch.spectrum[range]),
                UnsafeBufferPointer(rebasing: scratch.precision[range]), grid.multiplicity(ofFrequency: frame))
        }
    }

    /// One slab for each frequency of the rows and its negative: the half of the frame axis that is not stored is the
    /// conjugate of what is stored at the negative frequencies of rows and columns.
    private func forEachFrameSlab(
        _ body: (UnsafeMutableBufferPointer<ComplexFloat>, UnsafeBufferPointer<Float>, Float) -> Bool
    ) {
        let (frames, rows, columns) = (grid.shape.frames, grid.shape.rows, grid.shape.columns)
        let stored = grid.transform.spectrumShape.frames
        let slab = UnsafeMutableBufferPointer(rebasing: scratch.slabs.field[..<(frames * columns)])
        let precision = UnsafeMutableBufferPointer(rebasing: scratch.slabs.precision[..<(frames * columns)])
        for row in 0...rows / 2 {
            let opposite = (rows - row) % rows
            for frame in 0..<frames {
                let to = frame * columns
                if frame < stored {
                    let from = (frame * rows + row) * columns
                    for column in 0..<columns {
                        slab[to &+ column] = scratch.spectrum[from &+ column]
                        precision[to &+ column] = scratch.precision[from &+ column]
                    }
                } else {
                    let from = ((frames - frame) * rows + opposite) * columns
                    for column in 0..<columns {
                        let mirrored = from &+ (column == 0 ? 0 : columns &- column)
                        slab[to &+ column] = scratch.spectrum[mirrored].conjugate
                        precision[to &+ column] = scratch.precision[mirrored]
                    }
                }
            }
            let weight: Float = row == opposite ? 1 : 2
            guard body(slab, UnsafeBufferPointer(precision), weight) else { continue }
            for frame in 0..<stored {
                let to = (frame * rows + row) * columns
                for column in 0..<columns { scratch.spectrum[to &+ column] = slab[frame &* columns &+ column] }
                if row == opposite { continue }
                let mirrored = (frame * rows + opposite) * columns
                let from = (frames - frame) % frames * columns
                for column in 0..<columns {
                    scratch.spectrum[mirrored &+ (column == 0 ? 0 : columns &- column)] = slab[from &+ column].conjugate
                }
            }
        }
    }
}
