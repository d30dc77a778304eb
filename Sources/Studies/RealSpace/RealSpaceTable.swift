internal import Diffraction
internal import Foundation

/// Scores in real space summed up over the crystals: a line for each way of phasing, gap and treatment.
///
/// | column | meaning |
/// |---|---|
/// | `phases` | true, or retrieved with known-support or shrink-wrap |
/// | `gap`, `width` | band, cross or seams, and the pixels across |
/// | `treatment` | no gap, zero, free, a method's fill, or its fill as bounds |
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
