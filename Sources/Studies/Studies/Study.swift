/// A question that scored windows answer, as a table and figures.
///
/// Studies share their windows: one only says what it tells of them. A new one is a type of its own and a case of
/// ``StudyName``.
public protocol Study: Sendable {
    /// The figures in numbers; its rows state everything but what holds for the whole run.
    func table(of scores: WindowScores) -> StudyTable

    /// The figures drawn.
    func figures(of scores: WindowScores) -> [Figure]
}

/// The studies by the names that the command line knows.
public enum StudyName: String, CaseIterable, Sendable {
    /// PCC against gap width: the paper's table 1.
    case patches
    /// The same with the interpolations of the paper's figures 3 and 4.
    case interpolation
    /// PCC against the counts of the window: the paper's figure 5.
    case intensity
    /// PCC against pixels per fringe: the paper's figure 6.
    case oversampling
    /// PCC against the distance of the gap from the Bragg peak: the thesis' figure 4.6.
    case position
    /// What the network makes of it when it is told more, or less.
    case ablation
    /// Time and error against the pixels that the paper's network skips: the thesis' figure 4.13.
    case stride

    public var study: any Study {
        switch self {
        case .patches, .interpolation, .ablation: PatchStudy()
        case .intensity: IntensityStudy()
        case .oversampling: OversamplingStudy()
        case .position: PositionStudy()
        case .stride: StrideStudy()
        }
    }
}
