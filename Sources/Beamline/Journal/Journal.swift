internal import Foundation
internal import Logging
internal import WorkMessages

/// Writes what happens to scans into the log, one line for each event, with the fields that operators search for.
struct Journal: Sendable {
    let logger: Logger

    func note(_ event: JournalEvent, _ message: String) {
        logger.notice("\(message)", metadata: ["MESSAGE_ID": "\(event.rawValue)"])
    }

    func warn(_ event: JournalEvent, _ message: String) {
        logger.warning("\(message)", metadata: ["MESSAGE_ID": "\(event.rawValue)"])
    }

    /// The daemon itself is in trouble.
    func error(_ message: String) {
        logger.error("\(message)")
    }

    func debug(_ message: String) {
        logger.debug("\(message)")
    }

    /// A scan that was taken into work.
    func taken(_ record: ScanRecord) {
        write(.scanTaken, record, "taken", level: .info)
    }

    /// A scan that was in work when an earlier daemon ended, and is still.
    func followed(_ record: ScanRecord) {
        write(.scanFollowed, record, "is still in work and followed again", level: .info)
    }

    /// A scan whose work ended well.
    func done(_ record: ScanRecord) {
        var parts = [record.detector ?? "no detector", record.method ?? ""].filter { !$0.isEmpty }
        if let pcc = record.pcc { parts.append("pcc \(Self.number(pcc, 4))") }
        if let verdict = record.verdict { parts.append(verdict) }
        if let seconds = record.seconds { parts.append("\(Self.number(seconds, 1)) s") }
        var text = parts.joined(separator: ", ")
        if let output = record.output { text += " → \(output)" }
        if let remark = record.remark { text += " (\(remark))" }
        write(.scanDone, record, "done: \(text)", level: .info)
    }

    /// A scan that ended in another way; its reason says why.
    func ended(_ record: ScanRecord) {
        let reason = record.reason ?? "no reason known"
        switch record.state {
        case .skipped: write(.scanSkipped, record, "skipped: \(reason)", level: .info)
        case .stale: write(.scanStale, record, "given up: \(reason)", level: .warning)
        case .failed: write(.scanFailed, record, "failed, will be tried again: \(reason)", level: .warning)
        case .quarantined:
            write(.scanQuarantined, record, "quarantined after \(record.attempts) attempts: \(reason)", level: .error)
        default: write(.scanPutBack, record, "put back into the queue: \(reason)", level: .info)
        }
    }

    private func write(_ event: JournalEvent, _ record: ScanRecord, _ message: String, level: Logger.Level) {
        logger.log(level: level, "\(record.name) \(message)", metadata: Self.fields(event, record))
    }

    static func fields(_ event: JournalEvent, _ record: ScanRecord) -> Logger.Metadata {
        let values: [String: String?] = [
            "MESSAGE_ID": event.rawValue,
            "LACUNA_FILE": record.file,
            "LACUNA_STATE": record.state.rawValue,
            "LACUNA_SCAN": record.scan.map { "\($0)" },
            "LACUNA_DETECTOR": record.detector,
            "LACUNA_OUTPUT": record.state == .done ? record.output : nil,
            "LACUNA_PCC": record.state == .done ? record.pcc.map { number($0, 4) } : nil,
            "LACUNA_VERDICT": record.state == .done ? record.verdict : nil,
            "LACUNA_SECONDS": record.state == .done ? record.seconds.map { number($0, 2) } : nil,
        ]
        return values.compactMapValues { $0.map { .string($0) } }
    }

    private static func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
