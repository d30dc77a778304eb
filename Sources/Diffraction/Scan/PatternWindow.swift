import Foundation
import Fourier
import Volume

/// Which part of reciprocal space is computed, and how finely the crystal is sampled for that.
///
/// In the detector plane it is a grid of a fast Fourier transform around the Bragg peak, twice as large as the array
/// where that is affordable, so that what wraps around stays far from the array; at the edges of its grid the pattern
/// is faded out. Along the rocking axis each frame is a sum over the crystal's planes, which knows no grid.
struct PatternWindow: Sendable {
    /// What accuracy is paid for with time.
    struct Sampling {
        /// Size of the grid in units of the array's reach from the peak; 2 would just hold it.
        var margin: Double
        /// The crystal is sampled by at least this many voxels along each axis.
        var fewestVoxels: Double
        /// Where the fading starts and ends, in cycles per voxel.
        var fade: ClosedRange<Double>
        /// Standard deviation in voxels of the Gaussian that the density is blurred by.
        var blur = 0.5

        /// Amplitudes right to 1 %.
        static let fine = Sampling(margin: 4, fewestVoxels: 32, fade: 0.35...0.5)
        /// Amplitudes right near the peak only; further out they are those of a crystal of coarser edges, which has
        /// fringes like any other. Several times faster.
        static let coarse = Sampling(margin: 2.4, fewestVoxels: 16, fade: 0.42...0.5)
        /// For atoms, whose spectrum does not end: the wider Gaussian keeps what folds back from beyond ¾ of a cycle
        /// per voxel below 1e-5 in the quarter that the array fills (Greengard and Lee 2004, SIAM Review 46, 443-454).
        static let atoms = Sampling(margin: 4, fewestVoxels: 32, fade: 0.35...0.5, blur: 1.1)
    }

    /// The largest grid, ±500 pixels around the peak: beyond it only the background is left. Transforms of 1024 points
    /// would be slower, since the columns of such an array fall on few cache lines.
    private static let largestGrid = 1000

    /// The grid of the detector plane.
    let grid: FrameShape
    /// Frames, rows and columns per cycle of one voxel: the period with which the pattern would repeat.
    let period: SIMD3<Double>
    let lattice: ObjectLattice
    private let roughness: Double
    private let fade: ClosedRange<Double>

    /// - Parameter extents: those of the bounding box of the normalized crystal.
    init(_ parameters: ScanParameters, extents: SIMD3<Double>, sampling: Sampling = .fine) {
        let shape = parameters.shape
        let ends = SIMD3(Double(shape.frames - 1), Double(shape.rows - 1), Double(shape.columns - 1))
        let reach = pointwiseMax(parameters.peak, ends - parameters.peak) + 1
        let needed = sampling.fewestVoxels * parameters.oversampling
        func gridSize(_ reach: Double, _ needed: Double) -> Int {
            let size = max(min(sampling.margin * reach, Double(Self.largestGrid)), needed, 64)
            return FastSize.next(atLeast: Int(size.rounded(.up)))
        }
        grid = FrameShape(rows: gridSize(reach.y, needed.y), columns: gridSize(reach.z, needed.z))
        period = SIMD3(max(sampling.margin * reach.x, needed.x), Double(grid.rows), Double(grid.columns))
        lattice = ObjectLattice(extents: extents, voxelsAcross: period / parameters.oversampling, blur: sampling.blur)
        roughness = parameters.roughness
        fade = sampling.fade
    }

    /// What the transform's intensity is multiplied by, `offset` frames away from the peak.
    func frameGain(offset: Double) -> Double {
        gain(cyclesPerVoxel: offset / period.x, spacing: lattice.spacing.x)
    }

    /// The same `offset` rows away; nil outside of the window.
    func rowGain(offset: Double) -> Double? {
        fadedGain(cyclesPerVoxel: offset / period.y, spacing: lattice.spacing.y)
    }

    /// The same `offset` columns away; nil outside of the window.
    func columnGain(offset: Double) -> Double? {
        fadedGain(cyclesPerVoxel: offset / period.z, spacing: lattice.spacing.z)
    }

    /// Takes the sampling's blur off again and puts the roughness on: both are Gaussians, squared for intensities.
    private func gain(cyclesPerVoxel frequency: Double, spacing: Double) -> Double {
        let blur = lattice.blur * frequency
        let rough = roughness * frequency / spacing
        return exp(4 * Double.pi * Double.pi * (blur * blur - rough * rough))
    }

    private func fadedGain(cyclesPerVoxel frequency: Double, spacing: Double) -> Double? {
        let (start, end) = (fade.lowerBound, fade.upperBound)
        guard abs(frequency) < end else { return nil }
        let progress = max(0, (abs(frequency) - start) / (end - start))
        let fade = 0.5 + 0.5 * cos(Double.pi * progress)
        return fade * fade * gain(cyclesPerVoxel: frequency, spacing: spacing)
    }
}
