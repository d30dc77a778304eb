public import Foundation
internal import ScanFiles
internal import Volume

/// What keeps a scan from its regular end.
public enum Interruption: Sendable, Equatable {
    /// The operator stops it after a number of frames.
    case abort(afterFrames: Int)
    /// The acquisition dies after a number of frames: no end is ever marked.
    case crash(afterFrames: Int)

    var frames: Int {
        switch self {
        case .abort(let frames), .crash(let frames): frames
        }
    }
}

/// Takes the frames of a scan and hands them to a writer at the pace of an acquisition.
struct Acquisition: Sendable {
    var clock = AcquisitionClock.system
    /// From one frame to the next; `nil` writes frames as fast as they come.
    var secondsPerFrame: Double?
    var interruption: Interruption?

    /// - Parameters:
    ///   - frame: gives the frame of an index as it is to be recorded; called for each frame in turn.
    ///   - progress: told the number of frames written.
    func run(
        frames: Int, writer: any ScanWriter, progress: (Int) -> Void = { _ in },
        frame: (Int) throws -> [UInt32]
    ) throws {
        let start = clock.now()
        try writer.begin(at: start)
        for index in 0..<min(frames, interruption?.frames ?? frames) {
            let counts = try frame(index)
            if let secondsPerFrame { sleep(until: start + secondsPerFrame * Double(index + 1)) }
            try writer.write(counts, frame: index, at: clock.now())
            progress(index + 1)
        }
        switch interruption {
        case nil: try writer.end(.success, at: clock.now())
        case .abort: try writer.end(.userAbort, at: clock.now())
        case .crash: break
        }
    }

    private func sleep(until time: Date) {
        let seconds = time.timeIntervalSince(clock.now())
        if seconds > 0 { clock.sleep(seconds) }
    }
}

/// How a scan lies on disk.
public enum AcquisitionLayout: String, Sendable, CaseIterable {
    /// The tree of an ESRF beamline: masters, a dataset file, a directory of Lima files for each scan.
    case bliss
    /// One Lima file, without the scan around it.
    case lima
    /// One NeXus file with frames, pixel mask and the detector's description.
    case nexus
    /// A NumPy archive of `data` and `mask`.
    case npz
}

/// The time as the acquisition sees it.
public struct AcquisitionClock: Sendable {
    public var now: @Sendable () -> Date
    /// Waits for a number of seconds.
    public var sleep: @Sendable (_ seconds: TimeInterval) -> Void

    public init(now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (TimeInterval) -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The time of day.
    public static let system = AcquisitionClock(now: { Date() }, sleep: { Thread.sleep(forTimeInterval: $0) })

    /// A time that starts at `start` and moves on by sleeping only, so that files do not depend on when they are made.
    ///
    /// - Parameter pause: called for each sleep; by default nothing is waited for.
    public static func simulated(
        from start: Date, pause: @escaping @Sendable (TimeInterval) -> Void = { _ in }
    ) -> AcquisitionClock {
        let elapsed = ElapsedTime()
        return AcquisitionClock(
            now: { start + elapsed.seconds },
            sleep: { seconds in
                pause(seconds)
                elapsed.advance(by: seconds)
            })
    }
}

/// `@unchecked Sendable`: every access is under the lock.
private final class ElapsedTime: @unchecked Sendable {
    private let lock = NSLock()
    private var value: TimeInterval = 0

    var seconds: TimeInterval { lock.withLock { value } }
    func advance(by seconds: TimeInterval) { lock.withLock { value += seconds } }
}

extension Date {
    /// As BLISS writes it: microseconds and the local offset, e.g. `2021-01-29T11:00:41.736234+01:00`.
    func localTimestamp(in zone: TimeZone) -> String {
        let microseconds = Int((timeIntervalSince1970 * 1e6).rounded())
        let (seconds, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let offset = zone.secondsFromGMT(for: self)
        let minutes = abs(offset) / 60
        return Self.calendarTime(seconds + offset)
            + String(format: ".%06d%@%02d:%02d", fraction, offset < 0 ? "-" : "+", minutes / 60, minutes % 60)
    }

    /// As Lima writes it, e.g. `2021-01-29T10:00:41Z`.
    var universalTimestamp: String { Self.calendarTime(Int(timeIntervalSince1970.rounded(.down))) + "Z" }

    private static func calendarTime(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var fields = tm()
        gmtime_r(&time, &fields)
        return String(
            format: "%04d-%02d-%02dT%02d:%02d:%02d", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
            fields.tm_hour, fields.tm_min, fields.tm_sec)
    }
}
