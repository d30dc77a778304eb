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
