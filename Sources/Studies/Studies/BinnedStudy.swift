internal import Volume

/// A study that sorts the windows of each gap width into bins of one quantity.
///
/// Columns of its table: `width` in pixels, those of the bin, `method`, and those of ``ScoreColumns``. A figure for each
/// width shows PCC against the quantity.
protocol BinnedStudy: Study {
    /// What describes a bin, in the order of ``WindowBin/values``.
    var binColumns: [String] { get }
    /// The stem of the figures' names, after which comes the width.
    var figureName: String { get }
    var xLabel: String { get }
    var xIsLogarithmic: Bool { get }

    /// The bins that hold windows of a width, in ascending order.
    func bins(of scores: WindowScores, width: Int) -> [WindowBin]
}

/// Windows that are alike in the quantity of a study.
struct WindowBin: Sendable {
    var values: [StudyTable.Value]
    /// Where the bin stands in a figure.
    var middle: Double
    var windows: [ScoredWindow]

    /// Windows in bins of equal width that begin at 0; bins that hold none are left out.
    ///
    /// - Parameter quantity: at least 0; windows for which it is `nil` are in no bin.
    static func even(
        _ windows: [ScoredWindow], width: Double, by quantity: (ScoredWindow) -> Double?
    ) -> [WindowBin] {
        var groups: [Int: [ScoredWindow]] = [:]
        for window in windows {
            guard let value = quantity(window) else { continue }
            groups[Int(value / width), default: []].append(window)
        }
        return groups.sorted { $0.key < $1.key }.map { bin, windows in
            let (start, end) = (Double(bin) * width, Double(bin + 1) * width)
            return WindowBin(values: [.number(start), .number(end)], middle: (start + end) / 2, windows: windows)
        }
    }
}

extension BinnedStudy {
    var xIsLogarithmic: Bool { false }

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width"] + binColumns + ["method"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            for bin in bins(of: scores, width: width) {
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width)] + bin.values + [.text(method)]
                            + ScoreColumns.values(bin.windows, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        scores.scoring.widths.map { width in
            let bins = bins(of: scores, width: width)
            let series = scores.scoredNames.enumerated().map { index, method in
                Figure.Series(
                    name: method,
                    points: bins.compactMap { bin in
                        MeanEstimate(pcc: index, of: bin.windows).map { Figure.Point(x: bin.middle, estimate: $0) }
                    })
            }
            return Figure(
                name: "\(figureName)-\(width)px", title: "\(scores.source): gaps of \(width) pixels", xLabel: xLabel,
                yLabel: "PCC", xIsLogarithmic: xIsLogarithmic, series: series)
        }
    }
}

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

/// PCC against the distance of the gap from the Bragg peak, for each gap width.
///
/// The thesis' figure 4.6 in three dimensions. Columns of the bins: `distance_from` and `distance_to`, in pixels across
/// the gap from its middle to the brightest voxel of the volume. Crosses have no such distance and are left out.
public struct PositionStudy: BinnedStudy {
    private static let binWidth = 8.0

    let binColumns = ["distance_from", "distance_to"]
    let figureName = "pcc-against-position"
    let xLabel = "distance of the gap from the Bragg peak (pixels)"

    public init() {}

    func bins(of scores: WindowScores, width: Int) -> [WindowBin] {
        WindowBin.even(scores.windows.filter { $0.width == width }, width: Self.binWidth, by: \.distance)
    }
}

/// PCC against gap width, over all windows and by brightness, clarity and crystal family.
///
/// The paper's table 1 with every method side by side on the same voxels. Columns: `width` in pixels, `subset`,
/// `method`, and those of ``ScoreColumns``.
public struct PatchStudy: Study {
    public init() {}

    public func table(of scores: WindowScores) -> StudyTable {
        var table = StudyTable(columns: ["width", "subset", "method"] + ScoreColumns.names)
        for width in scores.scoring.widths {
            let windows = scores.windows.filter { $0.width == width }
            let subsets =
                [WindowSubset.all, .clear] + WindowSubset.brightness + WindowSubset.families(of: windows)
            for subset in subsets {
                let members = windows.filter(subset.contains)
                guard !members.isEmpty else { continue }
                for (index, method) in scores.scoredNames.enumerated() {
                    table.append(
                        [.integer(width), .text(subset.name), .text(method)]
                            + ScoreColumns.values(members, method: index))
                }
            }
        }
        return table
    }

    public func figures(of scores: WindowScores) -> [Figure] {
        let series = scores.scoredNames.enumerated().map { index, method in
            Figure.Series(
                name: method,
                points: scores.scoring.widths.compactMap { width in
                    MeanEstimate(pcc: index, of: scores.windows.filter { $0.width == width }).map {
                        Figure.Point(x: Double(width), estimate: $0)
                    }
                })
        }
        return [
            Figure(
                name: "pcc-against-width", title: "\(scores.source): PCC of log(1+I) in the gap",
                xLabel: "gap width (pixels)", yLabel: "PCC", series: series)
        ]
    }
}

extension MeanEstimate {
    /// The mean PCC of one method over windows.
    init?(pcc method: Int, of windows: [ScoredWindow]) {
        self.init(windows.map { ($0.scores[method].pcc, $0.volume) })
    }
}
