public import WorkMessages

/// A trained network, from which fillers are made.
public protocol FillerModel: Sendable {
    /// The name it was given when it was trained.
    var name: String { get }

    func filler(quality: FillQuality) -> any ScanFiller
}

/// A filler that learns from the very scan that it is to fill.
public protocol TrainableFiller: ScanFiller {
    /// A copy of this filler that has learnt from parts of a scan; `nil` where there is nothing to learn from them.
    ///
    /// - Parameters:
    ///   - parts: of the scan; the first ones are the most telling.
    ///   - gapWidths: of the gaps that are to be filled, in pixels.
    ///   - progress: told how many of how many steps are done.
    /// - Throws: where it cannot be trained, e.g. for want of memory.
    func fineTuned(
        on parts: [GapFreePart], gapWidths: [Int], progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> (any ScanFiller)?
}
