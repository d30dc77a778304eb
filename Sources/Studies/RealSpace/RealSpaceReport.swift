public import Diffraction
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

/// Scores in real space summed up over the crystals: a line for each way of phasing, gap and treatment.
///
/// | column | meaning |
/// |---|---|
/// | `phases` | true, or retrieved with known-support or shrink-wrap |
/// | `gap`, `width` | band, cross or seams, and the pixels across |
/// | `treatment` | no gap, zero, free (with total variation), a method's fill, its fill as bounds, or only where it is trusted |
/// | `crystals` | how many |
/// | `modulus`, `modulus_se` | error of the modulus relative to it; mean and standard error over the crystals |
/// | `phase_rad`, `phase_rad_se` | standard deviation of the phase's error in the crystal |
/// | `displacement_pm` | the same as displacement along the scattering vector |
/// | `microstrain`, `…_se`, `…_median` | root mean square error of the strain in parts per million |
/// | `gain` | strain error with the gap at zero over this one: geometric mean over the crystals |
/// | `gain_spread` | the factor that is one standard deviation of it |
enum RealSpaceTable {
    static func table(of scores: [RealSpaceScore]) -> StudyTable {
        var table = StudyTable(columns: [
            "phases", "gap", "width", "treatment", "crystals", "modulus", "modulus_se", "phase_rad",
            "phase_rad_se", "displacement_pm", "microstrain", "microstrain_se", "microstrain_median", "gain",
            "gain_spread",
        ])
        for group in groups(of: scores) {
            let first = group.scores[0]
            let modulus = mean(group.scores) { $0.error.modulus }
            let phase = mean(group.scores) { $0.error.phase }
            let strain = mean(group.scores) { $0.microstrain }
            let gain = gain(of: group.scores, in: scores)
            table.append([
                .text(first.phases.rawValue), .text(first.gap.form.rawValue), .integer(first.gap.width),
                .text(first.treatment), .integer(group.scores.count), .init(modulus?.mean),
                .init(modulus?.standardError), .init(phase?.mean),
                .init(phase?.standardError), .init(mean(group.scores) { $0.displacement }?.mean),
                .init(strain?.mean), .init(strain?.standardError), .number(median(group.scores.map(\.microstrain))),
                .init(gain?.factor), .init(gain?.spread),
            ])
        }
        return table
    }

    /// Scores that differ in nothing but the crystal, in the order of their first one.
    static func groups(of scores: [RealSpaceScore]) -> [(key: [String], scores: [RealSpaceScore])] {
        var order: [[String]] = []
        var groups: [[String]: [RealSpaceScore]] = [:]
        for score in scores {
            let key = [
                score.phases.rawValue, score.gap.form.rawValue, "\(score.gap.width)",
                score.treatment,
            ]
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(score)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    static func mean(_ scores: [RealSpaceScore], _ value: (RealSpaceScore) -> Double) -> MeanEstimate? {
        MeanEstimate(scores.map { (value($0), $0.crystal) })
    }

    /// How many times smaller the strain's error is than with the gap at zero, crystal by crystal.
    private static func gain(
        of group: [RealSpaceScore], in scores: [RealSpaceScore]
    ) -> (factor: Double, spread: Double)? {
        let logs = group.compactMap { score -> Double? in
            let zero = scores.first {
                $0.treatment == RealSpaceScore.Treatment.zero && $0.phases == score.phases && $0.gap == score.gap
                    && $0.crystal == score.crystal
            }
            guard let zero, score.microstrain > 0, zero.microstrain > 0 else { return nil }
            return log(zero.microstrain / score.microstrain)
        }
        guard logs.count == group.count, !logs.isEmpty else { return nil }
        let mean = logs.reduce(0, +) / Double(logs.count)
        let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, logs.count - 1))
        return (exp(mean), exp(variance.squareRoot()))
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

/// How far off the crystal is that one treatment of one gap gives.
public struct RealSpaceScore: Sendable {
    /// How the phases come about.
    public enum Phases: String, Sendable, CaseIterable {
        /// The true ones.
        case known = "true"
        /// Phase retrieval within the true support.
        case knownSupport = "known-support"
        /// Phase retrieval that finds the support.
        case shrinkWrap = "shrink-wrap"
    }

    /// What was done to the voxels of the gap, other than filling them by a method.
    enum Treatment {
        /// There is no gap: the best that the rest allows.
        static let none = "no gap"
        static let zero = "zero"
        static let free = "free"
        /// The object then varies little.
        static let freeAndSmooth = "free, total variation"

        static func bounded(_ method: String) -> String { "\(method) bounds" }
        /// Bounds that are never lifted.
        static func kept(_ bounds: String) -> String { "\(bounds), kept" }
        /// By the verdict on each gap.
        static func judged(_ method: String) -> String { "\(method) where trusted" }
    }

    public var phases: Phases
    public var gap: RealSpaceGap
    public var treatment: String
    public var crystal: Int
    public var error: ObjectError
    /// Root mean square error of the strain in parts per million.
    public var microstrain: Double
    /// Standard deviation of the error of the displacement, in picometres.
    public var displacement: Double
}
