/// PCC against the brightness of a window, in 20 bins of its log mean counts, for each gap width.
///
/// The paper's figure 5. Columns of the bins: `bin`, 0 ... 19, and `mean_counts` in its middle. They span all windows of
/// the run.
public struct IntensityStudy: BinnedStudy {
    let binColumns = ["bin", "mean_counts"]
    let figureName = "pcc-against-counts"
    let xLabel = "mean counts of the window"
    let xIsLogarithmic = true

    public init() {}

    func bins(of scores: WindowScores, width: Int) -> [WindowBin] {
        guard let bins = IntensityBins(meanCounts: scores.windows.map(\.meanCounts)) else { return [] }
        let groups = Dictionary(grouping: scores.windows.filter { $0.width == width }) {
            bins.bin(ofMeanCounts: $0.meanCounts)
        }
        return groups.sorted { $0.key < $1.key }.map { bin, windows in
            let middle = bins.middle(of: bin)
            return WindowBin(values: [.integer(bin), .number(middle)], middle: middle, windows: windows)
        }
    }
}
