internal import Diffraction
internal import Foundation
public import Volume

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
