/// Where a scan stands in its life.
public enum ScanState: String, Codable, Sendable, CaseIterable {
    /// Known, to be looked at.
    case discovered
    /// Its end has not come yet.
    case waiting
    /// Complete, to be taken.
    case ready
    /// In work.
    case processing
    case done
    /// Left out on purpose; the reason says why.
    case skipped
    /// Went wrong and will be tried again.
    case failed
    /// Went wrong as often as is allowed.
    case quarantined
    /// Given up, since its end never came.
    case stale

    /// Whether nothing happens to the scan any more unless its raw data changes.
    public var isSettled: Bool { Self.settled.contains(self) }

    package static let settled: [ScanState] = [.done, .skipped, .quarantined, .stale]
}
