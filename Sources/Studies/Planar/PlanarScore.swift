/// What the two-dimensional studies ask, and the gap on which they do.
struct PlanarGap: Sendable, Hashable {
    enum Question: String, Sendable, CaseIterable {
        case width, position, oversampling
    }

    var question: Question
    /// In pixels.
    var width: Int
    /// The first column of the gap, where that is asked for.
    var position: Int?
    /// Pixels per fringe, where that is asked for.
    var oversampling: Double?

    /// Where it stands in a figure.
    var quantity: Double {
        switch question {
        case .width: Double(width)
        case .position: Double(position ?? 0)
        case .oversampling: oversampling ?? 0
        }
    }
}

/// How well one method fills one gap of one pattern.
struct PlanarScore: Sendable {
    var gap: PlanarGap
    var method: String
    /// The pattern's number.
    var pattern: Int
    var score: WindowScore
    /// Wall time on all cores; `nil` for what is not filled.
    var seconds: Double?
}
