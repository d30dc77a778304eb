public import Diffraction
internal import Foundation
internal import Inpainting
public import Volume

/// A volume from which windows are drawn, (frame, slow = row, fast = column).
public struct StudyVolume: Sendable {
    /// What is known of a simulated crystal.
    public struct Traits: Sendable, Equatable {
        public var family: CrystalFamily
        /// Pixels per fringe along (frame, row, column).
        public var oversampling: SIMD3<Double>
    }

    /// Photons counted; the truth that every fill is held against.
    public var counts: Volume<Float>
    /// Photons expected; `nil` for a measurement.
    public var noiseFree: Volume<Float>?
    /// Pixels that no window may contain.
    public var unusable: PixelMask
    /// `nil` for a measurement.
    public var traits: Traits?
    /// The brightest voxel: the Bragg peak.
    public let brightest: (frame: Int, row: Int, column: Int)

    /// The Friedel mates; `nil` where they tell nothing.
    var mirror: BraggMirror? {
        let shape = counts.shape
        let plan = GapPlan(mask: unusable, maximumWidth: 0)
        let block = FrameBlock(data: counts, plans: [GapPlan](repeating: plan, count: shape.frames))
        var peak = PeakSurvey()
        peak.add(block, firstFrame: 0)
        return peak.peak.flatMap { peak in
            BraggMirror(
                block, box: VoxelBox(frames: 0..<shape.frames, rows: 0..<shape.rows, columns: 0..<shape.columns),
                peak: peak)
        }
    }

    /// How many photons a voxel is sure of: those expected, or those counted where that is all there is.
    var signal: Volume<Float> { noiseFree ?? counts }

    /// - Precondition: `counts` holds at least one voxel.
    public init(
        counts: Volume<Float>, noiseFree: Volume<Float>? = nil, unusable: PixelMask, traits: Traits? = nil
    ) {
        self.counts = counts
        self.noiseFree = noiseFree
        self.unusable = unusable
        self.traits = traits
        let signal = (noiseFree ?? counts).storage
        var greatest = 0
        for voxel in signal.indices where signal[voxel] > signal[greatest] { greatest = voxel }
        let (frame, pixel) = greatest.quotientAndRemainder(dividingBy: counts.shape.frame.count)
        brightest = (frame, pixel / counts.shape.columns, pixel % counts.shape.columns)
    }
}

/// Where a study takes its volumes from.
public protocol VolumeSource: Sendable {
    /// As the tables call it: `simulated`, or the name of a file.
    var name: String { get }
    /// Over how many volumes the windows are spread.
    var plannedVolumes: Int { get }
    /// How many volumes are tried at most, since some may be too dim for their share of the windows.
    var availableVolumes: Int { get }

    /// - Parameter index: 0 ..< `availableVolumes`; the same index gives the same volume.
    func volume(_ index: Int) -> StudyVolume
}

/// Simulated scans of ever new crystals of all families, with known truth.
///
/// Crystals of atoms are of all metals in turn; every other one is distorted by nothing but its own relaxation.
///
/// Peak counts are log-uniform, in 1e4 ... 1e7 if not told otherwise; the phase ranges over 0 ... 2π, the oversampling is 2 ... 7 and differs
/// between the axes, most of all between frames and detector. The Bragg peak lies off the middle of the volume.
public struct SimulatedCrystals: VolumeSource {
    public var name: String { ofAtoms ? "atomistic" : "simulated" }
    public let plannedVolumes: Int
    /// Decides every crystal.
    public let seed: UInt64
    /// Extents of each volume, (frame, slow = row, fast = column).
    public let shape: VolumeShape
    /// Made of relaxed atoms, and not continuous bodies.
    public let ofAtoms: Bool
    /// Of the brightest voxel.
    public let peakCounts: ClosedRange<Double>

    public var availableVolumes: Int { 4 * plannedVolumes }

    /// Keeps the crystals apart from those of every other purpose, training above all, whatever the seed.
    private static let stream: UInt64 = 0x5354_5544_4945_5331

    /// - Parameters:
    ///   - volumes: over how many crystals the windows are spread.
    ///   - shape: of each volume; the default leaves room for the widest gaps.
    ///   - ofAtoms: makes each crystal of relaxed atoms, which takes some seconds.
    public init(
        volumes: Int, seed: UInt64, shape: VolumeShape = VolumeShape(frames: 96, rows: 128, columns: 128),
        ofAtoms: Bool = false, peakCounts: ClosedRange<Double> = 1e4...1e7
    ) {
        plannedVolumes = volumes
        self.seed = seed
        self.shape = shape
        self.ofAtoms = ofAtoms
        self.peakCounts = peakCounts
    }

    public func volume(_ index: Int) -> StudyVolume {
        var generator = SeededGenerator(seed: seed, stream: Self.stream, UInt64(index))
        let family = CrystalFamily.allCases[index % CrystalFamily.allCases.count]
        var parameters = parameters(using: &generator)
        var atoms: AtomicModel?
        if ofAtoms {
            atoms = AtomicModel(Metal.allCases[index % Metal.allCases.count])
            if index.isMultiple(of: 2) { parameters.strain = 0 }
        }
        let volumes = ScanSimulation(family, atoms: atoms, parameters: parameters).volumes()
        return StudyVolume(
            counts: Volume(shape: parameters.shape, storage: volumes.counts.storage.map { Float($0) }),
            noiseFree: volumes.noiseFree, unusable: PixelMask(shape: parameters.shape.frame),
            traits: StudyVolume.Traits(family: family, oversampling: parameters.oversampling))
    }

    private func parameters(using generator: inout SeededGenerator) -> ScanParameters {
        let detector = generator.uniform(in: 2...7)
        func nearDetector() -> Double { min(7, max(2, detector * generator.uniform(in: 0.85...1.15))) }
        let oversampling = SIMD3(generator.uniform(in: 2...7), nearDetector(), nearDetector())
        var parameters = ScanParameters(
            shape: shape, oversampling: oversampling,
            brightness: .peak(
                pow(10, generator.uniform(in: log10(peakCounts.lowerBound)...log10(peakCounts.upperBound)))),
            seed: generator.next())
        parameters.peak = SIMD3(
            Double(shape.frames) * generator.uniform(in: 0.3...0.7),
            Double(shape.rows) * generator.uniform(in: 0.3...0.7),
            Double(shape.columns) * generator.uniform(in: 0.3...0.7))
        parameters.strain = generator.uniform(in: 0...2 * Double.pi)
        parameters.strainLength = generator.uniform(in: 0.2...0.6)
        parameters.relaxation = generator.uniform(in: 0...0.8)
        parameters.modulusNoise = generator.uniform(in: 0...0.06)
        parameters.background = pow(10, generator.uniform(in: -2.5 ... -1))
        parameters.rowsPerFrame = generator.uniform(in: -0.5...0.5)
        parameters.blur = generator.uniform(in: 0.3...0.7)
        return parameters
    }
}

/// A measured scan whose gap-free regions serve as truth.
public struct MeasuredStack: VolumeSource {
    public let name: String
    public let plannedVolumes = 1
    public let availableVolumes = 1
    private let stack: StudyVolume

    /// - Parameters:
    ///   - counts: (frame, slow = row, fast = column); finite and not negative.
    ///   - unusable: the gaps and dead pixels of the detector. Rows and columns without a single count are taken for
    ///     gaps, too.
    public init(name: String, counts: Volume<Float>, unusable: PixelMask) {
        self.name = name
        stack = StudyVolume(counts: counts, unusable: unusable.union(Self.silentLines(of: counts)))
    }

    public func volume(_ index: Int) -> StudyVolume { stack }

    private static func silentLines(of counts: Volume<Float>) -> PixelMask {
        let shape = counts.shape
        var rows = [Bool](repeating: true, count: shape.rows)
        var columns = [Bool](repeating: true, count: shape.columns)
        for frame in 0..<shape.frames {
            for row in 0..<shape.rows {
                let base = counts.rowBase(frame: frame, row: row)
                for column in 0..<shape.columns where counts.storage[base + column] > 0 {
                    rows[row] = false
                    columns[column] = false
                }
            }
        }
        var mask = PixelMask(shape: shape.frame)
        for row in rows.indices where rows[row] { mask.mask(rows: row..<row + 1) }
        for column in columns.indices where columns[column] { mask.mask(columns: column..<column + 1) }
        return mask
    }
}
