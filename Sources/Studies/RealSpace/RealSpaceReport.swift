internal import Foundation

/// What the real-space study leaves behind.
public struct RealSpaceReport: StudyDocument {
    public let study = "real-space"
    public let seed: UInt64
    public let crystals: Int
    /// Extents of the patterns with true and with retrieved phases.
    public let size: Int
    public let phasingSize: Int
    /// Pixels between the Bragg peak and the gap.
    public let distance: Int
    public let peakCounts: Double
    /// Pixels per fringe, from and to.
    public let oversampling: [Double]
    /// Greatest range of the phase in a crystal in radians.
    public let strain: Double
    public let starts: Int
    public let sigmas: Float
    public let figures: [String]
    public let rows: StudyTable

    private enum CodingKeys: String, CodingKey {
        case study, seed, crystals, size, distance, oversampling, strain, starts, sigmas, figures, rows
        case phasingSize = "phasing_size"
        case peakCounts = "peak_counts"
    }

    /// For each gap, the strain's error of every treatment.
    public let summary: [String]

    public let drawings: [Figure]

    public init(_ study: RealSpaceStudy, scores: [RealSpaceScore]) {
        seed = study.seed
        crystals = study.crystals
        size = study.size
        phasingSize = study.phasingSize
        distance = study.distance
        peakCounts = study.peakCounts
        oversampling = [study.oversampling.lowerBound, study.oversampling.upperBound]
        strain = study.strain
        starts = study.starts
        sigmas = study.sigmas
        rows = RealSpaceTable.table(of: scores)
            .prefixed(by: ["study": .text("real-space"), "seed": .integer(Int(truncatingIfNeeded: study.seed))])
        drawings = Self.drawings(of: scores)
        figures = drawings.map { "\($0.name).png" }
        summary = Self.summary(of: scores)
    }

    /// The strain's error against the width of the gap, for each way of phasing and form of gap.
    private static func drawings(of scores: [RealSpaceScore]) -> [Figure] {
        var drawings: [Figure] = []
        for phases in RealSpaceScore.Phases.allCases {
            for form in [RealSpaceGap.Form.band, .cross] {
                let shown = scores.filter { $0.phases == phases && $0.gap.form == form }
                guard !shown.isEmpty else { continue }
                drawings.append(
                    Figure(
                        name: "strain-\(phases.rawValue)-\(form.rawValue)",
                        title: "error of the strain, phases: \(phases.rawValue), gap: \(form.rawValue)",
                        xLabel: "gap width (pixels)", yLabel: "root mean square error of the strain (10^{-6})",
                        yIsLogarithmic: true, series: series(of: shown)))
            }
        }
        return drawings
    }

    private static func series(of scores: [RealSpaceScore]) -> [Figure.Series] {
        var points: [(name: String, points: [Figure.Point])] = []
        for group in RealSpaceTable.groups(of: scores) {
            guard let first = group.scores.first, let mean = RealSpaceTable.mean(group.scores, \.microstrain) else {
                continue
            }
            let point = Figure.Point(x: Double(first.gap.width), estimate: mean)
            if let index = points.firstIndex(where: { $0.name == first.treatment }) {
                points[index].points.append(point)
            } else {
                points.append((first.treatment, [point]))
            }
        }
        return points.map { Figure.Series(name: $0.name, points: $0.points) }
    }

    private static func summary(of scores: [RealSpaceScore]) -> [String] {
        var lines: [(head: String, parts: [String])] = []
        for group in RealSpaceTable.groups(of: scores) {
            guard let first = group.scores.first, let mean = RealSpaceTable.mean(group.scores, \.microstrain) else {
                continue
            }
            let head = "\(first.phases.rawValue) phases, \(first.gap.form.rawValue) \(first.gap.width) px"
            let part = String(format: "%@ %.3g", first.treatment, mean.mean)
            if !lines.contains(where: { $0.head == head }) { lines.append((head, [])) }
            if let index = lines.firstIndex(where: { $0.head == head }) { lines[index].parts.append(part) }
        }
        return lines.map { "\($0.head): strain error in ppm " + $0.parts.joined(separator: ", ") }
    }
}
