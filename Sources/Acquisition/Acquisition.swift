internal import Foundation
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
