internal import Foundation
internal import Fourier
internal import Volume

/// Kriges one tile: the roots of its counts as a ``KrigingField``, a stationary Gaussian one on a periodic grid.
///
/// With the covariance's spectrum S, the field's precision matrix is P = F⁻¹ S⁻¹ F, and the conditional mean u of the
/// unknown voxels given the rest makes their part of P u vanish; their conditional covariance is the inverse of their
/// part of P. Bands of unknown voxels are solved exactly, one axis after the other (``BandConditioning``); so are the
/// empty voxels between the ends of the tile. What lies in no band follows by conjugate gradients.
///
/// Source: Rue and Held 2005, Gaussian Markov Random Fields, section 2.3.
struct KrigingSolver {
    /// How often the spectrum is estimated from the filled tile: more often where a wide gap hides much of it.
    private var rounds: Int {
        2 + max(voxels.gaps.width(along: .row), voxels.gaps.width(along: .column)) / 10
    }

    private let grid: PeriodicGrid
    private let voxels: TileVoxels
    private let scratch: KrigingScratch
    private let background: LocalBackground

    init(grid: PeriodicGrid, voxels: TileVoxels, scratch: KrigingScratch) {
        self.grid = grid
        self.voxels = voxels
        self.scratch = scratch
        background = LocalBackground(voxels, grid: grid)
    }

    /// The estimate after some rounds of { spectrum of the filled tile, conditional mean }.
    func estimate() -> TileEstimate {
        let field = KrigingField(voxels, background: background, grid: grid)
        write(field)
        grid.transform.forward(scratch.field, to: scratch.spectrum, image: scratch.image)
        let axes = PeriodicGrid.Axis.allCases.filter { !voxels.gaps.runs[$0.rawValue].isEmpty }
            // The narrow gap comes last, and so is exact, given all else.
            .sorted { voxels.gaps.width(along: $0) < voxels.gaps.width(along: $1) }
            .map { BandConditioning(grid: grid, axis: $0, runs: voxels.gaps.runs[$0.rawValue], scratch: scratch) }
        let noise = NoiseShare(of: field, voxels: voxels, shape: grid.tile)
        let spectrum = PowerSpectrum(grid: grid, scratch: scratch, noiseShare: noise.share)
        for _ in 0..<rounds {
            spectrum.writePrecision()
            for axis in axes { axis.apply() }
            if !voxels.gaps.scattered.isEmpty {
                ScatteredConditioning(grid: grid, voxels: voxels.gaps.scattered, scratch: scratch).apply()
            }
        }
        if !voxels.sums.isEmpty {
            SumConditioning(grid: grid, voxels: voxels, scratch: scratch, field: field).apply()
        }
        scratch.readField(grid)
        let means = voxels.gaps.unknown.map { voxel in
            log1p(CountRoot.count(field.root(value: scratch.field[grid.position(voxel)], at: voxel)))
        }
        let variances = KrigingVariance(grid: grid, voxels: voxels, scratch: scratch, background: background)
            .variances(means: means)
        return result(means: means, variances: variances.stated, taught: variances.taught)
    }

    /// The estimate where there are no fringes: the background, with the scatter of what was measured.
    func backgroundEstimate() -> TileEstimate {
        let unknown = voxels.gaps.unknown
        let variance = voxels.meanMeasured { background.square(of: voxels, at: $0) }
        return result(
            means: unknown.map { background.values[$0] }, variances: [Float](repeating: variance, count: unknown.count))
    }

    /// The estimate where there is next to no signal: mean and variance of what was measured.
    func levelEstimate() -> TileEstimate {
        let level = voxels.level
        let count = voxels.gaps.unknown.count
        return result(
            means: [Float](repeating: level.mean, count: count),
            variances: [Float](repeating: level.variance, count: count))
    }

    /// - Parameter taught: the variances that the network is to be told; the same by default.
    private func result(means: [Float], variances: [Float], taught: [Float]? = nil) -> TileEstimate {
        var mean = voxels.logs
        var deviation = [Float](repeating: 0, count: mean.count)
        var scale = deviation
        for (index, voxel) in voxels.gaps.unknown.enumerated() {
            mean[voxel] = means[index]
            deviation[voxel] = variances[index].squareRoot()
            scale[voxel] = taught?[index].squareRoot() ?? deviation[voxel]
        }
        return TileEstimate(
            mean: Volume(shape: grid.tile, storage: mean), deviation: Volume(shape: grid.tile, storage: deviation),
            scale: Volume(shape: grid.tile, storage: scale),
            background: Volume(shape: grid.tile, storage: background.values), signalShare: voxels.signalShare)
    }

    /// The tile's field in the corner of the grid, 0 elsewhere.
    private func write(_ field: KrigingField) {
        let values = scratch.field
        values.update(repeating: 0)
        var voxel = 0
        for frame in 0..<grid.tile.frames {
            for row in 0..<grid.tile.rows {
                let base = (frame * grid.shape.rows + row) * grid.shape.columns
                for column in 0..<grid.tile.columns {
                    values[base &+ column] =
                        voxels.weights[voxel] > 0 ? field.value(root: voxels.roots[voxel], at: voxel) : 0
                    voxel &+= 1
                }
            }
        }
    }
}

/// The memory in which one tile at a time is kriged on a grid; many tiles use it one after the other.
final class KrigingScratch: @unchecked Sendable {
    // Safe to share: whoever takes it off the cache is alone with it.

    /// Real values on the grid.
    let field: UnsafeMutableBufferPointer<Float>
    /// The stored half of the field's spectrum, (frequency of frames, of rows, of columns).
    let spectrum: UnsafeMutableBufferPointer<ComplexFloat>
    /// 1 / S in the order of the spectrum.
    let precision: UnsafeMutableBufferPointer<Float>
    /// A spectrum in the making.
    let draft: UnsafeMutableBufferPointer<ComplexFloat>
    /// Slabs of lines: of the field's spectrum, of the precision, and three to work in.
    let slabs:
        (
            field: UnsafeMutableBufferPointer<ComplexFloat>, precision: UnsafeMutableBufferPointer<Float>,
            work: UnsafeMutableBufferPointer<ComplexFloat>, product: UnsafeMutableBufferPointer<ComplexFloat>,
            column: UnsafeMutableBufferPointer<ComplexFloat>
        )
    /// Room for one image of the spectrum.
    let image: UnsafeMutableBufferPointer<ComplexFloat>
    let solver: ToeplitzSolver

    init(grid: PeriodicGrid) {
        let shape = grid.shape
        let slab = max(shape.frames * shape.columns, shape.rows * shape.columns)
        field = Self.allocate(shape.count)
        spectrum = Self.allocate(grid.spectrumCount)
        precision = Self.allocate(grid.spectrumCount)
        draft = Self.allocate(grid.spectrumCount)
        slabs = (
            Self.allocate(slab), Self.allocate(slab), Self.allocate(slab), Self.allocate(slab), Self.allocate(slab)
        )
        image = UnsafeMutableBufferPointer(rebasing: slabs.work[..<shape.frame.count])
        solver = ToeplitzSolver(capacity: shape.extents.max() ?? 1)
    }

    deinit {
        field.deallocate()
        spectrum.deallocate()
        precision.deallocate()
        draft.deallocate()
        slabs.field.deallocate()
        slabs.product.deallocate()
        slabs.column.deallocate()
        slabs.precision.deallocate()
        slabs.work.deallocate()
    }

    /// The field from its spectrum, which stays.
    func readField(_ grid: PeriodicGrid) {
        _ = draft.update(fromContentsOf: spectrum)
        grid.transform.backward(draft, to: field, image: image)
        let scale = 1 / Float(grid.shape.count)
        for index in 0..<field.count { field[index] *= scale }
    }

    /// Memory that starts at a cache line, as FFTW and vectors like it.
    private static func allocate<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutableBufferPointer<Element> {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        return bytes.bindMemory(to: Element.self)
    }
}
