public import Inpainting
internal import Volume

/// A way of filling gaps that takes part in a study, under the name by which the tables call it.
public struct StudyMethod: Sendable {
    /// The name of the noise-free truth where it is scored as if it were a fill: no method can be expected to do better.
    public static let oracle = "oracle"

    public var name: String
    public var filler: any GapFiller
    /// Pixels between one place of its patch and the next; `nil` where it is no matter of patches.
    public var skippedPixels: Int?
    /// Whether it is shown what was counted on the other side of the Bragg peak.
    public var seesOtherSide = false

    public init(_ name: String, _ filler: any GapFiller, skippedPixels: Int? = nil) {
        self.name = name
        self.filler = filler
        self.skippedPixels = skippedPixels
    }

    /// Lets it fill a block; sums that it does not use itself scale what it filled.
    ///
    /// - Parameter mirror: the other side of the Bragg peak.
    func fill(_ block: FrameBlock, mirror: BraggMirror? = nil) -> FrameBlock {
        var filled = block
        if seesOtherSide { filled.mirror = mirror }
        filler.fill(&filled)
        if let failure = filler.failure { preconditionFailure("\(name) cannot fill: \(failure)") }
        if !filler.usesSums { MeasuredSums(of: block).conserve(&filled.data.storage) }
        return filled
    }
}
