internal import Volume

/// What the extents of an array must be like for a stack of images.
enum StackShape {
    /// Frames above which an extent comes from a damaged file rather than from a detector.
    private static let mostFrames = 1 << 24

    /// Why an array of these extents is no stack of images; `nil` when it is one.
    ///
    /// - Parameter allowsImage: An image (row, column) counts as a stack of one frame.
    static func problem(with extents: [Int], allowsImage: Bool = false) -> String? {
        let words = extents.map(String.init).joined(separator: "x")
        guard extents.count == 3 || allowsImage && extents.count == 2 else {
            return "expected 3 axes (frame, row, column), found \(extents.count)" + (words.isEmpty ? "" : ": \(words)")
        }
        guard !extents.contains(0) else { return "expected at least one frame, found the shape \(words)" }
        let (rows, columns) = (extents[extents.count - 2], extents[extents.count - 1])
        let most = FrameShape.largestCount
        guard rows <= most / columns, extents[0] <= mostFrames else {
            return "expected at most \(mostFrames) frames of \(most) pixels, found the shape \(words)"
        }
        return nil
    }
}
