internal import Fourier
internal import Volume

/// The variances of a tile's unknown voxels: what the spectrum gives at their depth, times how much larger the errors
/// around them are than the spectrum says.
struct KrigingVariance {
    let grid: PeriodicGrid
    let voxels: TileVoxels
    let scratch: KrigingScratch

    /// For each unknown voxel.
    ///
    /// - Parameter neighbours: what the weights around each voxel of the tile add up to.
    func variances(neighbours: [Float]) -> [Float] {
        let misfit = misfit(neighbours: neighbours)
        let conditional = conditional()
        return voxels.gaps.unknown.indices.map { index in
            conditional[index] * misfit[voxels.gaps.unknown[index]] * Self.inflation(depth: voxels.depths[index])
        }
    }

    /// What the variance lacks because the spectrum is itself an estimate, more so far from what was measured.
    ///
    /// Found on simulated scans, where it lets 68 % of the counts lie within one standard deviation.
    private static func inflation(depth: Int) -> Float { 1 + 0.25 * Float(min(max(0, depth - 1), 6)) }

    /// The diagonal of the inverse of the unknown voxels' part of the precision matrix.
    private func conditional() -> [Float] {
        let unknown = voxels.gaps.unknown
        var variances = [Float](repeating: 0, count: unknown.count)
        for axis in [PeriodicGrid.Axis.row, .column] {
            let byPosition = conditional(axis)
            if byPosition.isEmpty { continue }
            for (index, voxel) in unknown.enumerated() {
                let column = voxel % grid.tile.columns
                let row = voxel / grid.tile.columns % grid.tile.rows
                // Where two bands cross, neither side is known, and the larger variance is nearer the truth.
                variances[index] = max(variances[index], byPosition[axis == .row ? row : column])
            }
        }
        if voxels.gaps.scattered.isEmpty { return variances }
        let depths = Dictionary(uniqueKeysWithValues: zip(unknown, voxels.depths))
        let groups = voxels.gaps.scattered.map { depths[$0] ?? 0 }
        let byDepth = ScatteredConditioning(grid: grid, voxels: voxels.gaps.scattered, scratch: scratch)
            .variances(groups: groups, count: (groups.max() ?? 0) + 1)
        for index in unknown.indices where variances[index] == 0 {
            variances[index] = byDepth[min(voxels.depths[index], byDepth.count - 1)]
        }
        return variances
    }

    /// The conditional variance at each position of an axis, 0 where it is known; empty where all is.
    private func conditional(_ axis: PeriodicGrid.Axis) -> [Float] {
        let runs = voxels.gaps.runs[axis.rawValue].filter { $0.start < grid.tile.extents[axis.rawValue] }
        if runs.isEmpty { return [] }
        var variances = [Float](repeating: 0, count: grid.tile.extents[axis.rawValue])
        for run in runs {
            let band = BandConditioning(grid: grid, axis: axis, runs: [], scratch: scratch)
            for (offset, variance) in band.variances(of: run).enumerated() { variances[run.start + offset] = variance }
        }
        return variances
    }

    /// How much larger than the spectrum says the errors are, around each voxel of the tile, when a measured one is
    /// predicted from all others.
    private func misfit(neighbours: [Float]) -> [Float] {
        // Predicted from all others, a voxel is off by (P u) / Pᵢᵢ, whose variance should be 1 / Pᵢᵢ.
        for index in 0..<scratch.draft.count {
            scratch.draft[index] = scratch.spectrum[index] * scratch.precision[index]
        }
        grid.transform.backward(scratch.draft, to: scratch.field, image: scratch.image)
        let count = Float(grid.shape.count)
        var sum: Float = 0
        let size = grid.shape.frame.count
        for frame in 0..<grid.transform.spectrumShape.frames {
            var part: Float = 0
            for index in frame * size..<(frame + 1) * size { part += scratch.precision[index] }
            sum += part * grid.multiplicity(ofFrequency: frame)
        }
        let scale = 1 / (count * count * (sum / count))
        var errors = [Float](repeating: 0, count: grid.tile.count)
        var voxel = 0
        for frame in 0..<grid.tile.frames {
            for row in 0..<grid.tile.rows {
                let base = (frame * grid.shape.rows + row) * grid.shape.columns
                for column in 0..<grid.tile.columns {
                    let error = voxels.weights[voxel] == 1 ? scratch.field[base &+ column] : 0
                    errors[voxel] = error * error * scale
                    voxel &+= 1
                }
            }
        }
        grid.localMean.apply(to: &errors)
        for index in errors.indices { errors[index] = max(0.05, errors[index] / neighbours[index]) }
        return errors
    }
}
