/// What fine-tuning did to the fill of one cross.
public struct FineTuneScore: Sendable, Equatable {
    /// Of the gaps, in pixels.
    public var width: Int
    /// The first hidden row and column.
    public var row: Int
    public var column: Int
    /// Parts of the gaps over which the correlations are means.
    public var windows: Int
    /// PCC of log(1+I) in the cross, before and after.
    public var general: Double
    public var learnt: Double
    /// The gain in PCC on the self-check, by which is decided whether what was learnt is kept, and its standard error.
    public var checkGain: Double?
    public var checkGainError: Double?
    public var isKept: Bool
    /// Of learning.
    public var seconds: Double

    /// By how much the fill that is kept is better than the general one.
    public var gain: Double { isKept ? learnt - general : 0 }
}
