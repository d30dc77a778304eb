public import Diffraction
internal import Foundation
internal import Fourier
internal import Inpainting
internal import Volume

/// What gaps, and their filling, do to the phase retrieval of a measured scan.
///
/// Nobody knows the crystal. What is known are the counts that a hidden gap held: the pattern of what was reconstructed
/// is held against them. Beside it stands how far the starts agree, without which nothing can be said of the object, and
/// how like it is to the object of the scan without a gap.
///
/// A box around the Bragg peak is taken. Crosses of gaps are hidden in it, one at a time; the support is found by
/// shrink-wrap. Of all starts those count that tell most of the voxels that were held out.
public struct MeasuredPhasingStudy: Sendable {
    /// How one treatment of one gap came out.
    public struct Score: Sendable, Equatable {
        /// Of the gap, in pixels.
        public var width: Int
        /// Pixels between the Bragg peak and the gap.
        public var distance: Int
        /// See ``RealSpaceScore``.
        public var treatment: String
        /// √(Σ (A − √N)² / Σ N) over the hidden voxels, with the amplitudes A of what was reconstructed and the counts N
        /// that were hidden; of each start.
        public var gapErrors: [Double]
        /// The same over the measured voxels.
        public var measuredErrors: [Double]
        /// Correlation of the objects of each two starts, freed of what phase retrieval cannot tell.
        public var agreements: [Double]
        /// The same of the objects blurred by ``MeasuredPhasingStudy/blur``.
        public var blurredAgreements: [Double]
        /// See ``ObjectEnsemble/phaseTransfer(over:)``, in the gap.
        public var phaseTransfer: Double
        /// Of the objects of all starts with the best one without a gap, blurred.
        public var likenesses: [Double]
        /// Mean widths of the blur that partial coherence makes in the pattern, (frame, row, column), in voxels; 0 where it
        /// was not looked for.
        public var coherenceWidths: SIMD3<Double>
    }

    public var methods: [StudyMethod]
    /// Of the crosses, in pixels.
    public var widths = [6, 12]
    /// Pixels between the Bragg peak and the gap, for each of which all widths are tried.
    public var distances = [6]
    /// Greatest extent of the box along each axis, in voxels.
    public var size = 96
    public var starts = 5
    /// How many of the starts count: those of the greatest free likelihood.
    public var keptStarts = 5
    public var schedule = PhasingSchedule.standard
    public var shrinkWrap = ShrinkWrap()
    /// The background, and whether the blur of partial coherence is looked for.
    public var background: Float = 0
    public var correctsCoherence = false
    /// How many of its stated uncertainties a voxel may be away from its estimate, where the fill serves as bounds.
    public var sigmas: Float = 2
    public var seed: UInt64 = 0

    /// Standard deviation in voxels of the blur with which objects are also compared: details of fewer than two voxels are
    /// what starts agree least in.
    public static let blur = 1.0

    public init(methods: [StudyMethod]) { self.methods = methods }

    /// - Parameter progress: told the number of patterns phased and in all.
    /// - Throws: ``StudyError/noWindow(source:reason:)`` where no box fits around the peak.
    public func scores(
        _ source: some VolumeSource, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StudyError) -> [Score] {
        let counts = try box(of: source)
        let gaps = distances.flatMap { distance in
            widths.map { RealSpaceGap(form: .cross, width: $0, distance: distance) }
        }
        for gap in gaps where !gap.fits(counts.shape.frame) {
            throw .noWindow(
                source: source.name,
                reason: "a gap of \(gap.width) pixels, \(gap.distance) from the peak, does not fit into \(counts.shape)"
            )
        }
        let total = 1 + gaps.count * (methods.count + 5)
        var done = 0
        func phased(
            _ bounds: AmplitudeBounds, _ measured: Volume<Float>, by schedule: PhasingSchedule, smoothing: Float = 0
        ) -> [Reconstruction] {
            defer {
                done += 1
                progress(done, total)
            }
            var recipe = PhasingRecipe(support: .shrinkWrapped(shrinkWrap))
            (recipe.starts, recipe.schedule, recipe.seed) = (starts, schedule, seed)
            recipe.incoherence.background = background
            recipe.smoothing = smoothing
            if correctsCoherence { recipe.coherenceWidths = Incoherence.usualWidths }
            var found: [Reconstruction] = []
            recipe.forEachStart(bounds, counts: measured) { found.append($0) }
            return Array(found.sorted { $0.freeLogLikelihood > $1.freeLogLikelihood }.prefix(keptStarts))
        }
        let complete = phased(AmplitudeBounds(counts: counts), counts, by: schedule)
        let reference = complete[0].object
        var scores: [Score] = []
        for gap in gaps {
            let pattern = GappedPattern(counts, gap: gap)
            let measured = pattern.measuredCounts
            func add(_ treatment: String, _ found: [Reconstruction]) {
                scores.append(score(found, of: pattern, gap, treatment: treatment, reference: reference))
            }
            add(RealSpaceScore.Treatment.none, complete)
            for treatment in pattern.treatments(by: methods, sigmas: sigmas, width: gap.width) {
                let (name, bounds) = (treatment.name, treatment.bounds)
                add(name, phased(bounds, measured, by: schedule, smoothing: treatment.smoothing))
                if methods.last.map({ RealSpaceScore.Treatment.bounded($0.name) }) == name {
                    add(RealSpaceScore.Treatment.kept(name), phased(bounds, measured, by: schedule.keepingEstimates))
                }
            }
        }
        return scores
    }

    /// The largest box of even extents up to ``size`` that has the Bragg peak in its middle and no unusable pixel.
    private func box(of source: some VolumeSource) throws(StudyError) -> Volume<Float> {
        let volume = source.volume(0)
        let (frame, row, column) = volume.brightest
        let ranges = zip([frame, row, column], volume.counts.shape.extents).map { peak, extent in
            let half = min(size / 2, peak, extent - peak)
            return peak - half..<peak + half
        }
        guard ranges.allSatisfy({ $0.count >= 32 }) else {
            throw .noWindow(source: source.name, reason: "the Bragg peak lies within 16 voxels of the border")
        }
        for row in ranges[1] {
            for column in ranges[2] where volume.unusable[row, column] {
                throw .noWindow(source: source.name, reason: "pixel \(row), \(column) beside the peak was not measured")
            }
        }
        return volume.counts.part(VoxelBox(frames: ranges[0], rows: ranges[1], columns: ranges[2]))
    }

    private func score(
        _ found: [Reconstruction], of pattern: GappedPattern, _ gap: RealSpaceGap, treatment: String,
        reference: Volume<ComplexFloat>
    ) -> Score {
        let isHidden = pattern.hidden.reduce(into: [Bool](repeating: false, count: pattern.complete.shape.count)) {
            $0[$1] = true
        }
        func errors(hidden: Bool) -> [Double] {
            found.map { start in
                var (squares, counts) = (0.0, 0.0)
                for voxel in isHidden.indices where isHidden[voxel] == hidden {
                    let count = Double(pattern.complete.storage[voxel])
                    let difference = Double(start.intensities.storage[voxel]).squareRoot() - count.squareRoot()
                    squares += difference * difference
                    counts += count
                }
                return (squares / counts).squareRoot()
            }
        }
        let ensemble = ObjectEnsemble(found.map(\.object), reference: found[0].object)
        return Score(
            width: gap.width, distance: gap.distance, treatment: treatment, gapErrors: errors(hidden: true),
            measuredErrors: errors(hidden: false), agreements: ensemble.agreements(),
            blurredAgreements: ensemble.agreements(blur: Self.blur),
            phaseTransfer: ensemble.phaseTransfer(over: pattern.hidden),
            likenesses: ObjectEnsemble(found.map(\.object), reference: reference)
                .likenesses(to: reference, blur: Self.blur),
            coherenceWidths: found.reduce(.zero) { $0 + $1.incoherence.widths } / Double(found.count))
    }
}
