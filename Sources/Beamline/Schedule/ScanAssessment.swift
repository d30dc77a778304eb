internal import Conventions
internal import Foundation
internal import WorkMessages

/// What becomes of a scan after a look at it: the rules, without any effect.
struct ScanAssessment {
    enum Verdict: Equatable {
        /// Nothing has changed; look again then.
        case unchanged(lookAgain: Date?)
        case wait(reason: String, until: Date, for: Agenda.Purpose)
        case ready(remark: String?)
        case skip(reason: String)
        case fail(reason: String)
        case stale(reason: String)
    }

    /// The file that was looked at.
    var input = ""
    /// The scan as it was found now.
    var found: InspectedScan
    /// The scan as the ledger knows it.
    var known: ScanRecord?
    var root: WatchedRoot
    /// When the newest of the scan's files was modified.
    var modified: Date
    /// Whether the file may yet turn out to be a part of another one.
    var isOrphan = false
    var now: Date

    /// The ledger keeps times to the millisecond, so that a moment that has come may seem to be due a little later.
    private static let rounding = 0.01

    /// How long the slowest frames are waited for, in seconds.
    private static let longestSettling = 300.0

    /// When the raw data was last seen to change: by our own clock once the scan is known, by the file's before.
    var changedAt: Date {
        guard let known, !known.fingerprint.isEmpty else { return min(now, modified) }
        // A clock that was set back may have left times that are yet to come.
        return known.fingerprint == found.fingerprint ? min(now, known.changedAt) : now
    }

    private var isUnchanged: Bool { known?.fingerprint == found.fingerprint }

    var verdict: Verdict {
        if let verdict = verdictOnState { return verdict }
        if let title = found.title, found.scan != nil, let reason = root.titles.reasonToSkip(title) {
            return .skip(reason: reason)
        }
        if let reason = reasonToSkipDetector { return .skip(reason: reason) }
        if let verdict = verdictOnEnd { return verdict }
        if let problem = found.problem {
            guard problem.isNoScan else { return .fail(reason: problem.message) }
            return .skip(reason: "no scan: " + problem.message.removingPrefix("\(input): "))
        }
        return verdictOnFrames
    }

    /// What the ledger alone decides.
    private var verdictOnState: Verdict? {
        guard let known else { return nil }
        switch known.state {
        case .processing: return .unchanged(lookAgain: isUnchanged ? nil : now + 5)
        case .ready where isUnchanged: return .unchanged(lookAgain: nil)
        case .failed where isUnchanged && now + Self.rounding < known.nextAttempt ?? now:
            return .unchanged(lookAgain: known.nextAttempt)
        case let state where state.isSettled && isUnchanged: return .unchanged(lookAgain: nil)
        default: return nil
        }
    }

    private var reasonToSkipDetector: String? {
        if let detector = found.detector, !detector.isEnabled { return "detector \(detector.name) is switched off" }
        guard let allowed = root.detectors, let detector = found.detector, !detector.isAllowed else { return nil }
        return "detector \(detector.name) is not among those taken here (\(allowed.joined(separator: ", ")))"
    }

    /// Whether the end of the scan has come.
    private var verdictOnEnd: Verdict? {
        let quiet = now.timeIntervalSince(changedAt) + Self.rounding
        let state = found.completeness?.state ?? .unmarked
        if state == .running || found.problem?.cause == .incomplete {
            guard quiet < root.staleAfterMinutes * 60 else {
                return .stale(reason: "no end after \(Int(root.staleAfterMinutes)) minutes without a change")
            }
            // A quiet scan is looked at less often: inotify will tell, and where it is silent a little delay is fine.
            return .wait(reason: "no end marker yet", until: now + min(15, max(1, quiet / 10)), for: .running)
        }
        // Fewer frames than were asked for: the next file may take long to fill.
        if found.isOpenAndShort, quiet < root.staleAfterMinutes * 60 {
            return .wait(
                reason: "\(frames), and no end marker", until: now + min(15, max(1, quiet / 10)), for: .running)
        }
        // Frames that come slowly are waited for longer.
        let rhythm = (30 * (found.framePause ?? 0)).rounded(.up) / 10
        let settle = max(root.settleSeconds, min(Self.longestSettling, rhythm))
        if state == .unmarked || isOrphan, quiet < settle {
            return .wait(reason: "to be quiet for \(settle) s", until: changedAt + settle, for: .settling)
        }
        return nil
    }

    private var frames: String {
        let written = found.completeness?.framesWritten ?? 0
        return found.completeness?.framesExpected.map { "\(written) of \($0) frames" } ?? "\(written) frames"
    }

    private var verdictOnFrames: Verdict {
        guard let completeness = found.completeness else { return .ready(remark: nil) }
        let written = completeness.framesWritten
        let isAborted = completeness.state == .aborted || found.isOpenAndShort
        guard written >= RockingScan.fewestFrames else {
            return .skip(reason: isAborted ? "aborted after \(frames)" : "no rocking scan: \(frames)")
        }
        return .ready(remark: isAborted ? "aborted after \(frames)" : nil)
    }
}

extension InspectedScan {
    /// True when nothing marks the end and fewer frames are there than were asked for: the scan runs, or was aborted.
    fileprivate var isOpenAndShort: Bool {
        guard problem == nil, let completeness, completeness.state == .unmarked else { return false }
        return completeness.framesWritten < completeness.framesExpected ?? 0
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
