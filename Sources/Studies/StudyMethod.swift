public import Inpainting

/// A way of filling gaps that takes part in a study, under the name by which the tables call it.
public struct StudyMethod: Sendable {
    /// The name of the noise-free truth where it is scored as if it were a fill: no method can be expected to do better.
    public static let oracle = "oracle"

    public var name: String
    public var filler: any GapFiller
    /// Pixels between one place of its patch and the next; `nil` where it is no matter of patches.
    public var skippedPixels: Int?

    public init(_ name: String, _ filler: any GapFiller, skippedPixels: Int? = nil) {
        self.name = name
        self.filler = filler
        self.skippedPixels = skippedPixels
    }
}
