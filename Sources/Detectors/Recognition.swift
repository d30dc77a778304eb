public import Volume

/// The detector of a scan and where its gaps lie in the frames as saved, (slow = row, fast = column).
public struct Recognition: Hashable, Sendable {
    /// How the saved frame lies to the detector's image after the recorded operations.
    public enum Orientation: String, Hashable, Sendable, Codable {
        case asGiven = "as given"
        /// Rows and columns exchanged by whoever wrote the file.
        case transposed
    }

    public let detector: Detector
    public let orientation: Orientation
    /// What is to be filled: the gaps in the detector's default form and its broken parts.
    public let mask: PixelMask
    /// The broken parts alone, which `mask` holds too.
    public let badMask: PixelMask
    /// The lines of the frame that hold sums over several pixels; `nil` where there are none, where pixels were binned and
    /// where the description says to mask them.
    public let edgePixels: EdgePixels?
    /// What the recognition rests on, one readable line each.
    public internal(set) var evidence: [String]

    /// Puts a detector that is known by other means, e.g. given by the user, into a frame.
    ///
    /// - Throws: ``RecognitionError/shapeMismatch(evidence:detectors:frame:operations:)`` when it cannot yield such a frame.
    public init(of detector: Detector, frame: FrameShape, operations: ImageOperations) throws(RecognitionError) {
        guard let (placement, orientation) = detector.placement(in: frame, operations: operations) else {
            throw .shapeMismatch(evidence: nil, detectors: [detector], frame: frame, operations: operations)
        }
        self.detector = detector
        self.orientation = orientation
        let isUnmoved = operations.isIdentity && orientation == .asGiven
        mask = isUnmoved ? detector.defaultMask : placement.move(detector.defaultMask)
        badMask = isUnmoved ? detector.badMask : placement.move(detector.badMask)
        let use = detector.processing.edgePixels ?? detector.edgePixelUse
        edgePixels = use == .auto ? detector.edgePixels.flatMap { placement.move($0) } : nil

        var line = "frame \(frame) equals the detector's shape"
        if !isUnmoved { line += " \(detector.shape)" }
        if !operations.isIdentity { line += " after \(operations)" }
        if orientation == .transposed { line += " with rows and columns exchanged" }
        evidence = [line]
    }

    /// NXdetector `pixel_mask` of the frame, row-major: bit 0 in gaps, bit 1 where broken.
    public var nexusPixelMask: [UInt32] {
        zip(mask.storage, badMask.storage).map { isMasked, isBad in
            isBad ? NexusPixelStatus.dead.rawValue : isMasked ? NexusPixelStatus.gap.rawValue : 0
        }
    }
}

extension Detector {
    /// How its image becomes the frame; `nil` where it cannot.
    func placement(
        in frame: FrameShape, operations: ImageOperations
    ) -> (placement: FramePlacement, orientation: Recognition.Orientation)? {
        guard let placement = FramePlacement(raw: shape, operations: operations) else { return nil }
        if placement.shape == frame { return (placement, .asGiven) }
        if placement.shape == frame.transposed { return (placement.transposed, .transposed) }
        return nil
    }
}
