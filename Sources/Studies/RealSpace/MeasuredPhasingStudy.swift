public import Diffraction
internal import Foundation
internal import Fourier
internal import Inpainting
internal import Volume

/// What gaps, and their filling, do to the phase retrieval of a measured scan.
///
/// Nobody knows the crystal. What is known are the counts that a hidden gap held: the pattern of what was reconstructed
/// is held against them. Beside it stands how far the starts agree, without which nothing can be said of the object.
///
/// A box around the Bragg peak is taken. A cross of gaps is hidden in it; the support is found by shrink-wrap.
public struct MeasuredPhasingStudy: Sendable {
    /// How one treatment of one gap came out.
    public struct Score: Sendable, Equatable {
        /// Of the gap, in pixels.
        public var width: Int
        /// See ``RealSpaceScore``.
        public var treatment: String
        /// √(Σ (A − √N)² / Σ N) over the hidden voxels, with the amplitudes A of what was reconstructed and the counts N
        /// that were hidden; of each start.
        public var gapErrors: [Double]
        /// The same over the measured voxels.
        public var measuredErrors: [Double]
        /// Correlation of the objects of each two starts, freed of what phase retrieval cannot tell.
        public var agreements: [Double]
        /// Of the best start with the best one without a gap.
        public var likeness: Double
    }

    public var methods: [StudyMethod]
    /// Of the crosses, in pixels.
    public var widths = [6, 12]
    /// Greatest extent of the box along each axis, in voxels.
    public var size = 96
    /// Pixels between the Bragg peak and the gap.
    public var distance = 6
    public var starts = 5
    public var schedule = PhasingSchedule.standard
    public var shrinkWrap = ShrinkWrap()
    /// How many of its stated uncertainties a voxel may be away from its estimate, where the fill serves as bounds.
    public var sigmas: Float = 2
    public var seed: UInt64 = 0

    public init(methods: [StudyMethod]) { self.methods = methods }

    /// - Parameter progress: told the number of patterns phased and in all.
    /// - Throws: ``StudyError/noWindow(source:reason:)`` where no box fits around the peak.
    public func scores(
        _ source: some VolumeSource, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(StudyError) -> [Score] {
        let counts = try box(of: source)
        let total = 1 + widths.count * (methods.count + 5)
        var done = 0
        func phased(
            _ bounds: AmplitudeBounds, _ measured: Volume<Float>, by schedule: PhasingSchedule
        ) -> [Reconstruction] {
            defer {
                done += 1
                progress(done, total)
            }
            var recipe = PhasingRecipe(support: .shrinkWrapped(shrinkWrap))
            (recipe.starts, recipe.schedule, recipe.seed) = (starts, schedule, seed)
            var found: [Reconstruction] = []
            recipe.forEachStart(bounds, counts: measured) { found.append($0) }
            return found
        }
        let complete = phased(AmplitudeBounds(counts: counts), counts, by: schedule)
        let reference = Self.best(complete).object
        var scores: [Score] = []
        for width in widths {
            let gap = RealSpaceGap(form: .cross, width: width, distance: distance)
            guard gap.fits(counts.shape.frame) else {
                throw .noWindow(
                    source: source.name, reason: "a gap of \(width) pixels does not fit into \(counts.shape)")
            }
            let pattern = GappedPattern(counts, gap: gap)
            let measured = pattern.measuredCounts
            func add(_ treatment: String, _ found: [Reconstruction]) {
                scores.append(score(found, of: pattern, width: width, treatment: treatment, reference: reference))
            }
            add(RealSpaceScore.Treatment.none, complete)
            for (name, bounds) in pattern.treatments(by: methods, sigmas: sigmas, width: width) {
                add(name, phased(bounds, measured, by: schedule))
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
        _ found: [Reconstruction], of pattern: GappedPattern, width: Int, treatment: String,
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
        let best = Self.best(found).object
        let aligned = found.map { TrivialAmbiguities.resolved($0.object, against: best) }
        let agreements = aligned.indices.flatMap { one in
            aligned.indices.dropFirst(one + 1).map { TrivialAmbiguities.correlation(aligned[one], aligned[$0]) }
        }
        return Score(
            width: width, treatment: treatment, gapErrors: errors(hidden: true),
            measuredErrors: errors(hidden: false), agreements: agreements,
            likeness: TrivialAmbiguities.correlation(
                TrivialAmbiguities.resolved(best, against: reference), reference))
    }

    /// The start that tells most of the voxels that were held out.
    private static func best(_ found: [Reconstruction]) -> Reconstruction {
        found.max { $0.freeLogLikelihood < $1.freeLogLikelihood } ?? found[0]
    }
}

/// What the phase retrieval of a measured scan leaves behind: a line for each gap and treatment.
///
/// | column | meaning |
/// |---|---|
/// | `width`, `treatment` | of the gap in pixels, and what was done to it, as in the study of simulated crystals |
/// | `gap_error`, `gap_error_se` | error of the amplitudes in the gap relative to the counts that were hidden, mean and standard error over the starts |
/// | `measured_error` | the same over the measured voxels |
/// | `agreement` | mean correlation of the objects of each two starts |
/// | `likeness` | correlation of the best start's object with that of the pattern without a gap |
public struct MeasuredPhasingReport: StudyDocument {
    public let study = "measured-real-space"
    public let source: String
    public let seed: UInt64
    public let starts: Int
    public let figures: [String]
    public let rows: StudyTable
    public let summary: [String]
    public let drawings: [Figure]

    private enum CodingKeys: String, CodingKey {
        case study, source, seed, starts, figures, rows
    }

    public init(_ study: MeasuredPhasingStudy, source: String, scores: [MeasuredPhasingStudy.Score]) {
        (self.source, seed, starts) = (source, study.seed, study.starts)
        func mean(_ values: [Double]) -> MeanEstimate? { MeanEstimate(values.enumerated().map { ($1, $0) }) }
        var table = StudyTable(columns: [
            "width", "treatment", "gap_error", "gap_error_se", "measured_error", "agreement", "likeness",
        ])
        for score in scores {
            let error = mean(score.gapErrors)
            table.append([
                .integer(score.width), .text(score.treatment), .init(error?.mean), .init(error?.standardError),
                .init(mean(score.measuredErrors)?.mean), .init(mean(score.agreements)?.mean), .number(score.likeness),
            ])
        }
        rows = table.prefixed(by: ["study": .text("measured-real-space"), "source": .text(source)])
        summary = scores.map { score in
            String(
                format: "%d px, %@: amplitude error in the gap %.3f, starts agree to %.2f, likeness %.2f", score.width,
                score.treatment, mean(score.gapErrors)?.mean ?? .nan, mean(score.agreements)?.mean ?? .nan,
                score.likeness)
        }
        let treatments = scores.map(\.treatment).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        drawings = [
            Figure(
                name: "gap-error", title: "\(source): amplitudes of the reconstruction in the hidden gap",
                xLabel: "gap width (pixels)", yLabel: "error relative to what was counted",
                series: treatments.map { treatment in
                    Figure.Series(
                        name: treatment,
                        points: scores.filter { $0.treatment == treatment }.compactMap { score in
                            mean(score.gapErrors).map { Figure.Point(x: Double(score.width), estimate: $0) }
                        })
                })
        ]
        figures = drawings.map { "\($0.name).png" }
    }
}
