public import Diffraction
internal import Foundation
internal import Inpainting
internal import Volume

/// What gaps, and their filling, do to the reconstructed crystal.
///
/// First with the true phases, as in the paper's section 2.6.1: each treatment of the gap gives amplitudes, and their
/// inverse transform with the phases of the complete pattern is held against the crystal. Then with phases that are
/// retrieved from the pattern itself, as in section 2.6.2, within the known support and with shrink-wrap.
///
/// The crystals are as large as the paper's, 400 nm of platinum at its 111 reflection; only in these units do displacement
/// and strain depend on it.
public struct RealSpaceStudy: Sendable {
    public var methods: [StudyMethod]
    /// Widths in pixels of the gaps of which the true phases are known, and of those with phase retrieval.
    public var widths = [3, 6, 9, 12, 38]
    public var phasingWidths = [6, 12]
    /// Extents of the patterns, likewise.
    public var size = 96
    public var phasingSize = 64
    /// Number of crystals for each.
    public var crystals = 10
    /// Pixels between the Bragg peak and the gap.
    public var distance = 6
    /// Expected counts in the brightest voxel.
    public var peakCounts = 1e6
    /// Pixels per fringe along each axis.
    public var oversampling = 3.0...5.0
    /// Greatest range in radians of the phase in a crystal; 0 for perfect ones, as in the paper.
    public var strain = 2 * Double.pi
    /// What the measurements have that phase retrieval does not expect.
    public var flaws = MeasurementFlaws()
    /// Whether phase retrieval knows the background and looks for the blur of partial coherence.
    public var correctsCoherence = false
    /// Voxels by which the known support is larger than the crystal on every side.
    public var supportMargin = 0
    /// Random starts of each phase retrieval.
    public var starts = 4
    public var schedule = PhasingSchedule.standard
    /// How many of its stated uncertainties a voxel may be away from its estimate, where the fill serves as bounds.
    public var sigmas: Float = 2
    public var seed: UInt64 = 0

    /// Keeps the crystals apart from those of every other purpose.
    private static let stream: UInt64 = 0x5354_5544_4945_5334
    /// Longest edge of the crystals, and distance of the planes that reflect, in nanometres.
    private static let crystalSize = 400.0
    private static let planeSpacing = 0.2265

    public init(methods: [StudyMethod]) { self.methods = methods }

    /// The gaps of the part with true phases: bands, crosses and MAXIPIX seams.
    var gaps: [RealSpaceGap] {
        widths.flatMap { width in
            [RealSpaceGap.Form.band, .cross].map { RealSpaceGap(form: $0, width: width, distance: distance) }
        } + [RealSpaceGap(form: .seams, width: MaxipixSeams.width, distance: distance)]
    }

    /// Those with phase retrieval: crosses.
    var phasingGaps: [RealSpaceGap] {
        phasingWidths.map { RealSpaceGap(form: .cross, width: $0, distance: distance) }
    }

    // MARK: True phases

    /// Scores all treatments of all gaps with the true phases.
    ///
    /// - Parameter progress: told the number of fills done and in all.
    public func scoresWithTruePhases(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) -> [RealSpaceScore] {
        let gaps = gaps
        var scores: [RealSpaceScore] = []
        for index in 0..<crystals {
            let crystal = crystal(index, size: size)
            let counts = crystal.counts
            for (place, gap) in gaps.enumerated() {
                let pattern = GappedPattern(counts, gap: gap)
                func add(_ treatment: String, _ intensities: Volume<Float>) {
                    let error = ObjectError(of: crystal.object(with: intensities), against: crystal.object)
                    scores.append(score(error, .known, gap, treatment, crystal: index, voxel: crystal.voxelSize))
                }
                add(RealSpaceScore.Treatment.none, counts)
                add(RealSpaceScore.Treatment.zero, pattern.zeroed)
                for method in methods { add(method.name, pattern.filled(by: method).data) }
                progress(index * gaps.count + place + 1, crystals * gaps.count)
            }
        }
        return scores
    }

    // MARK: Phase retrieval

    /// Scores all treatments of all gaps with phases that are retrieved from counted photons.
    ///
    /// Each treatment starts from the same random objects. The last method's fill is also used as bounds,
    /// which ``PhasingSchedule/standard`` lifts in the end, and as the service hands it over by default, where gaps
    /// that it does not trust are free.
    /// - Parameter progress: told the number of patterns phased and in all.
    public func scoresOfPhaseRetrieval(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) -> [RealSpaceScore]
    {
        let gaps = phasingGaps
        var scores: [RealSpaceScore] = []
        for index in 0..<crystals {
            let crystal = crystal(index, size: phasingSize)
            let counts = crystal.counts(with: flaws)
            let complete = phase(
                [.init(name: RealSpaceScore.Treatment.none, bounds: AmplitudeBounds(counts: counts))], of: crystal,
                counts)
            for (place, gap) in gaps.enumerated() {
                let pattern = GappedPattern(counts, gap: gap)
                let treatments = pattern.treatments(by: methods, sigmas: sigmas, width: gap.width)
                for (treatment, phases, error) in complete + phase(treatments, of: crystal, pattern.measuredCounts) {
                    scores.append(score(error, phases, gap, treatment, crystal: index, voxel: crystal.voxelSize))
                }
                progress(index * gaps.count + place + 1, crystals * gaps.count)
            }
        }
        return scores
    }

    /// Phases some patterns of a crystal with and without its support, on all cores.
    private func phase(
        _ treatments: [GappedPattern.Treatment], of crystal: PhasedCrystal, _ counts: Volume<Float>
    ) -> [(String, RealSpaceScore.Phases, ObjectError)] {
        let supports: [(RealSpaceScore.Phases, PhasingRecipe.Support)] = [
            (.knownSupport, .known(grown(crystal.support(), crystal.object.shape))),
            (.shrinkWrap, .shrinkWrapped(ShrinkWrap())),
        ]
        return concurrentMap(0..<treatments.count * supports.count) { index in
            let (treatment, support) = (treatments[index / supports.count], supports[index % supports.count])
            var recipe = PhasingRecipe(support: support.1)
            recipe.starts = starts
            recipe.schedule = schedule
            recipe.seed = seed
            recipe.smoothing = treatment.smoothing
            if correctsCoherence {
                recipe.incoherence.background = flaws.background
                recipe.coherenceWidths = Incoherence.usualWidths
            }
            let found = recipe.reconstruct(treatment.bounds, counts: counts).object
            let resolved = TrivialAmbiguities.resolved(found, against: crystal.object)
            return (treatment.name, support.0, ObjectError(of: resolved, against: crystal.object))
        }
    }

    /// The support with a margin, a cube's around each of its voxels.
    private func grown(_ support: [Bool], _ shape: VolumeShape) -> [Bool] {
        guard supportMargin > 0 else { return support }
        var grown = support
        for step in [shape.frame.count, shape.columns, 1] {
            let last = grown
            for voxel in last.indices where last[voxel] {
                for offset in -supportMargin...supportMargin where last.indices.contains(voxel + offset * step) {
                    grown[voxel + offset * step] = true
                }
            }
        }
        return grown
    }

    // MARK: Crystals

    /// One of ever new crystals of all families.
    func crystal(_ index: Int, size: Int) -> PhasedCrystal {
        var generator = SeededGenerator(seed: seed, stream: Self.stream, UInt64(index))
        func pixelsPerFringe() -> Double { generator.uniform(in: oversampling) }
        var parameters = ScanParameters(
            shape: VolumeShape(frames: size, rows: size, columns: size),
            oversampling: SIMD3(pixelsPerFringe(), pixelsPerFringe(), pixelsPerFringe()),
            brightness: .peak(peakCounts), seed: generator.next())
        parameters.strain = generator.uniform(in: 0...strain)
        parameters.strainLength = generator.uniform(in: 0.2...0.6)
        parameters.relaxation = generator.uniform(in: 0...0.8)
        parameters.modulusNoise = generator.uniform(in: 0...0.06)
        return PhasedCrystal(CrystalFamily.allCases[index % CrystalFamily.allCases.count], parameters: parameters)
    }

    private func score(
        _ error: ObjectError, _ phases: RealSpaceScore.Phases, _ gap: RealSpaceGap, _ treatment: String, crystal: Int,
        voxel: SIMD3<Double>
    ) -> RealSpaceScore {
        RealSpaceScore(
            phases: phases, gap: gap, treatment: treatment, crystal: crystal, error: error,
            microstrain: 1e6 * error.strain(planeSpacing: Self.planeSpacing, voxel: voxel * Self.crystalSize),
            displacement: 1000 * error.displacement(planeSpacing: Self.planeSpacing))
    }
}
