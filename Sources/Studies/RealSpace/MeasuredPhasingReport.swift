internal import Foundation

/// What the phase retrieval of a measured scan leaves behind: a line for each width of gaps and treatment.
///
/// Means and standard errors are over all places and starts; those of the error in the gap take the starts of one place
/// for one.
///
/// | column | meaning |
/// |---|---|
/// | `width`, `treatment` | of the gap in pixels, and what was done to it, as in the study of simulated crystals |
/// | `places`, `starts` | how many gaps of this width, and how many starts of each count |
/// | `gap_error`, `gap_error_se` | error of the amplitudes in the gap relative to the counts that were hidden |
/// | `measured_error` | the same over the measured voxels |
/// | `agreement`, `agreement_blurred` | correlation of the objects of each two starts, and of the blurred ones |
/// | `phase_transfer` | how much of the amplitude in the gap outlives averaging over the starts |
/// | `likeness`, `likeness_se` | correlation of the blurred objects with the best one without a gap |
/// | `coherence_…` | widths of the blur along frames, rows and columns, in voxels |
public struct MeasuredPhasingReport: StudyDocument {
    public let study = "measured-real-space"
    public let source: String
    public let seed: UInt64
    public let starts: Int
    public let distances: [Int]
    public let figures: [String]
    public let rows: StudyTable
    /// The same for every place.
    public let places: StudyTable
    public let summary: [String]
    public let drawings: [Figure]

    private enum CodingKeys: String, CodingKey {
        case study, source, seed, starts, distances, figures, rows, places
    }

    private static let columns = [
        "starts", "gap_error", "gap_error_se", "measured_error", "agreement", "agreement_blurred", "phase_transfer",
        "likeness", "likeness_se", "coherence_frames", "coherence_rows", "coherence_columns",
    ]

    public init(_ study: MeasuredPhasingStudy, source: String, scores: [MeasuredPhasingStudy.Score]) {
        (self.source, seed, starts, distances) = (source, study.seed, study.starts, study.distances)
        let treatments = Self.distinct(scores.map(\.treatment))
        let groups = Self.distinct(scores.map(\.width)).flatMap { width in
            treatments.map { treatment in scores.filter { $0.width == width && $0.treatment == treatment } }
        }.filter { !$0.isEmpty }
        var table = StudyTable(columns: ["width", "treatment", "places"] + Self.columns)
        for group in groups {
            table.append(
                [.integer(group[0].width), .text(group[0].treatment), .integer(group.count)] + Self.row(of: group))
        }
        rows = table.prefixed(by: ["study": .text("measured-real-space"), "source": .text(source)])
        var places = StudyTable(columns: ["width", "distance", "treatment"] + Self.columns)
        for score in scores {
            places.append(
                [.integer(score.width), .integer(score.distance), .text(score.treatment)] + Self.row(of: [score]))
        }
        self.places = places
        summary = groups.map { group in
            String(
                format:
                    "%d px, %@: amplitude error in the gap %.3f ± %.3f, starts agree to %.2f (blurred %.3f), likeness %.3f",
                group[0].width, group[0].treatment, Self.mean(group, \.gapErrors)?.mean ?? .nan,
                Self.error(Self.mean(group, \.gapErrors)) ?? .nan, Self.mean(group, \.agreements)?.mean ?? .nan,
                Self.mean(group, \.blurredAgreements)?.mean ?? .nan, Self.mean(group, \.likenesses)?.mean ?? .nan)
        }
        drawings = [
            Figure(
                name: "gap-error", title: "\(source): amplitudes of the reconstruction in the hidden gap",
                xLabel: "gap width (pixels)", yLabel: "error relative to what was counted",
                series: treatments.map { treatment in
                    Figure.Series(
                        name: treatment,
                        points: groups.filter { $0[0].treatment == treatment }.compactMap { group in
                            Self.mean(group, \.gapErrors).map { Figure.Point(x: Double(group[0].width), estimate: $0) }
                        })
                })
        ]
        figures = drawings.map { "\($0.name).png" }
    }

    private static func row(of group: [MeasuredPhasingStudy.Score]) -> [StudyTable.Value] {
        let (gap, likeness) = (mean(group, \.gapErrors), mean(group, \.likenesses))
        let widths = group.reduce(SIMD3<Double>.zero) { $0 + $1.coherenceWidths } / Double(group.count)
        return [
            .integer(group[0].gapErrors.count), .init(gap?.mean), .init(error(gap)),
            .init(mean(group, \.measuredErrors)?.mean), .init(mean(group, \.agreements)?.mean),
            .init(mean(group, \.blurredAgreements)?.mean),
            .number(group.reduce(0) { $0 + $1.phaseTransfer } / Double(group.count)), .init(likeness?.mean),
            .init(error(likeness)), .number(widths.x), .number(widths.y), .number(widths.z),
        ]
    }

    /// Over all places and starts; those of one place are alike.
    private static func mean(
        _ group: [MeasuredPhasingStudy.Score], _ values: (MeasuredPhasingStudy.Score) -> [Double]
    ) -> MeanEstimate? {
        MeanEstimate(group.enumerated().flatMap { place, score in values(score).map { ($0, place) } })
    }

    /// That over the places, if there are several.
    private static func error(_ estimate: MeanEstimate?) -> Double? {
        estimate?.standardErrorOverVolumes ?? estimate?.standardError
    }

    private static func distinct<Value: Equatable>(_ values: [Value]) -> [Value] {
        values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
