public import Inpainting

/// A way of filling gaps that takes part in a study, under the name by which the tables call it.
public struct StudyMethod: Sendable {
    /// The name of the noise-free truth where it is scored as if it were a fill: no method can be expected to do better.
    public static let oracle = "oracle"

    public var name: String
    public var filler: any GapFiller

    public init(_ name: String, _ filler: any GapFiller) {
        self.name = name
        self.filler = filler
    }
}
