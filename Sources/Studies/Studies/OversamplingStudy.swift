internal import Volume

/// PCC against the pixels per fringe of simulated crystals, for each gap width.
///
/// The paper's figure 6. Columns of the bins: `oversampling_from` and `oversampling_to`, the least of the three axes.
public struct OversamplingStudy: BinnedStudy {
    let binColumns = ["oversampling_from", "oversampling_to"]
    let figureName = "pcc-against-oversampling"
    let xLabel = "pixels per fringe (least of three axes)"

    public init() {}

    func bins(of scores: WindowScores, width: Int) -> [WindowBin] {
        WindowBin.even(scores.windows.filter { $0.width == width }, width: 1) { $0.traits?.oversampling.min() }
    }
}
