/// Scores of two-dimensional patterns summed up: a line for each gap and method.
///
/// | column | meaning |
/// |---|---|
/// | `question` | what is varied: width, position or oversampling |
/// | `width`, `position`, `oversampling` | of the gap in pixels, its first column, pixels per fringe |
/// | `patterns`, `gaps` | how many patterns were scored, with how many gaps |
/// | `pcc`, `pcc_se` | Pearson correlation of log(1+I) in the gap with the photons counted; mean and its standard error, gaps in the same pattern taken as alike |
/// | `pcc_noise_free` | the same with the photons expected |
/// | `gain`, `gain_se` | mean difference in PCC, gap by gap, from the first method; and its standard error |
/// | `milliseconds` | wall time of one pattern on all cores |
/// | `parameters`, `steps`, `training_patterns` | of a network: its size, and how long it was trained |
enum PlanarTable {
    static func table(of scores: [PlanarScore], trainings: [PlanarReport.Training]) -> StudyTable {
        var table = StudyTable(columns: [
            "question", "width", "position", "oversampling", "method", "patterns", "gaps", "pcc", "pcc_se",
            "pcc_noise_free", "gain", "gain_se", "milliseconds", "parameters", "steps", "training_patterns",
        ])
        for (gap, scores) in groups(of: scores) {
            let methods = names(in: scores)
            let first = scores.filter { $0.method == methods.first }
            for method in methods {
                let members = scores.filter { $0.method == method }
                let pcc = mean(members, \.score.pcc)
                let noiseFree = MeanEstimate(
                    members.compactMap { score in
                        score.score.pccNoiseFree.map { ($0, score.pattern) }
                    })
                let gain =
                    method == methods.first
                    ? nil : MeanEstimate(zip(members, first).map { ($0.score.pcc - $1.score.pcc, $0.pattern) })
                let seconds = members.compactMap(\.seconds)
                let training = trainings.first { $0.method == method }
                table.append([
                    .text(gap.question.rawValue), .integer(gap.width), gap.position.map { .integer($0) } ?? .missing,
                    .init(gap.oversampling), .text(method), .integer(Set(members.map(\.pattern)).count),
                    .integer(members.count), .init(pcc?.mean), .init(error(of: pcc)), .init(noiseFree?.mean),
                    .init(gain?.mean), .init(error(of: gain)),
                    seconds.isEmpty ? .missing : .number(1000 * seconds.reduce(0, +) / Double(seconds.count)),
                    training.map { .integer($0.parameters) } ?? .missing,
                    training.map { .integer($0.steps) } ?? .missing,
                    training.map { .integer($0.patterns) } ?? .missing,
                ])
            }
        }
        return table
    }

    /// Scores of the same gap, in the order of their first one.
    static func groups(of scores: [PlanarScore]) -> [(gap: PlanarGap, scores: [PlanarScore])] {
        var order: [PlanarGap] = []
        var groups: [PlanarGap: [PlanarScore]] = [:]
        for score in scores {
            if groups[score.gap] == nil { order.append(score.gap) }
            groups[score.gap, default: []].append(score)
        }
        return order.map { ($0, groups[$0] ?? []) }
    }

    /// The methods, each once, in order, the oracle at the end.
    static func names(in scores: [PlanarScore]) -> [String] {
        var seen: Set<String> = [StudyMethod.oracle]
        return scores.map(\.method).filter { seen.insert($0).inserted } + [StudyMethod.oracle]
    }

    static func mean(_ scores: [PlanarScore], _ value: (PlanarScore) -> Double) -> MeanEstimate? {
        MeanEstimate(scores.map { (value($0), $0.pattern) })
    }

    private static func error(of estimate: MeanEstimate?) -> Double? {
        estimate?.standardErrorOverVolumes ?? estimate?.standardError
    }
}
