internal import CSystemd
internal import Foundation
internal import Glibc
public import Logging
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
            let attempts = "\(record.attempts) attempt\(record.attempts == 1 ? "" : "s")"
            write(.scanQuarantined, record, "quarantined after \(attempts): \(reason)", level: .error)
        default: write(.scanPutBack, record, "put back into the queue: \(reason)", level: .info)
        }
    }

    /// A scan with which a dry run would do nothing.
    func leftAlone(_ record: ScanRecord) {
        let words =
            switch record.state {
            case .done: "is done already" + (record.output.map { " → \($0)" } ?? "")
            case .processing: "is in work"
            default: "is \(record.state.rawValue) already: \(record.reason ?? "no reason known")"
            }
        logger.info("\(record.name) \(words) (dry run)")
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

/// One line of the journal with its fields.
struct JournalEntry: Equatable {
    var level: Logger.Level
    var message: String
    /// Fields besides `MESSAGE` and `PRIORITY`, in the order of their names.
    var fields: [(name: String, value: String)]

    static func == (left: Self, right: Self) -> Bool {
        left.journalFields == right.journalFields
    }

    /// - Parameter metadata: keys in capitals become fields of the journal; the others are shown in the message.
    init(level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.level = level
        let sorted = metadata.sorted { $0.key < $1.key }
        fields = sorted.filter { Self.isField($0.key) }.map { ($0.key, "\($0.value)") }
        let shown = sorted.filter { !Self.isField($0.key) }.map { "\($0.key)=\($0.value)" }
        self.message = shown.isEmpty ? message : "\(message) (\(shown.joined(separator: ", ")))"
    }

    /// All fields as journald takes them, `NAME=value`.
    var journalFields: [String] {
        ["MESSAGE=\(message)", "PRIORITY=\(priority)", "SYSLOG_IDENTIFIER=lacuna"]
            + fields.map { "\($0.name)=\($0.value)" }
    }

    /// The priorities of syslog(3).
    var priority: Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func isField(_ key: String) -> Bool {
        !key.isEmpty && key.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
            && key.first != "_"
    }
}

/// The kinds of events that have a fixed `MESSAGE_ID`, so that `journalctl MESSAGE_ID=…` finds them in any language.
///
/// The numbers are random and never change; `journalctl --new-id128` makes one.
public enum JournalEvent: String, Sendable, CaseIterable {
    case daemonReady = "ee79d81f41fa46049014a497a1df9e4a"
    case daemonStopping = "50f069d64bba474ca64b2dd1ddfc959d"
    case scanTaken = "e270295239594f25b8fd1786a3311c53"
    case scanFollowed = "1730104eaf234a7f8245171df25035d3"
    case scanDone = "6dbe5244e4514c3fa11ac3799a386ede"
    case scanSkipped = "10289508a35c4a0e97e5aa05580c3890"
    case scanFailed = "8f927de8867a4a6189876d26e20a6ecf"
    case scanQuarantined = "ecce21a66aed4de9818493d80e99d918"
    case scanStale = "6aa1b0dada2c41478fabf32aacd0b632"
    case scanPutBack = "5a5582cf425a4cd0a0fbb1c185364419"
    case configurationReloaded = "4afae00bf374435191f21dc1423cbf9f"
    case configurationRefused = "5d40786ef8f444868d314d7047de20bf"
    case lowSpace = "45c7da5f54b94f8d978c315e36da2a1e"
    case spaceBack = "53c75372fa9b4173941cf84bc1247cc5"
    case watchTrouble = "2729d4f4bb2f43f39b8ae7d59792592d"
    case ledgerRebuilt = "4e745e915080486591ddd7878dfe1fda"
    case slurmSubmitted = "bc142fc1ce8c40789680c8181365ecc3"
    case slurmSilent = "dddee0d1b7e04adabc1af98e5ce7be51"
    case slurmBack = "60be2e15601e4249a2b101c21eee9f33"
    case scansPaused = "769b6e2f39e6437c97dc8b03c305dce0"
    case hookTrouble = "a3dc8a2ea27a42c29f8bccc4b044ddfe"
    case statusUnavailable = "5c6b0d4b31f44a2d9a0c0f6d3f1b7c58"
}

/// Where journal entries go.
protocol JournalSink: Sendable {
    func write(_ entry: JournalEntry)
}

/// The journal of systemd.
struct JournaldSink: JournalSink {
    /// Whether standard error is the stream that systemd connected to the journal, as systemd.exec(5) tells to check.
    static var isConnected: Bool {
        guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
    }

    func write(_ entry: JournalEntry) {
        let fields = entry.journalFields.map { Array($0.utf8) }
        var storage = fields.flatMap { $0 }
        storage.withUnsafeMutableBytes { bytes in
            var vectors: [iovec] = []
            var offset = 0
            for field in fields {
                vectors.append(iovec(iov_base: bytes.baseAddress.map { $0 + offset }, iov_len: field.count))
                offset += field.count
            }
            sd_journal_sendv(&vectors, Int32(vectors.count))
        }
    }
}

/// Lines of text for people: time, level, message.
struct StandardErrorSink: JournalSink {
    private static let clearing = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : ""

    func write(_ entry: JournalEntry) {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        // One write for each line, so that lines of several threads do not mix; on a terminal over a progress bar.
        let line = "\(Self.clearing)\(time) \(entry.level) \(entry.message.replacing("\n", with: "\\n"))\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
}

/// Sends log lines to journald with their fields when standard error is connected to it, to standard error otherwise.
public struct JournalLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let sink: any JournalSink

    /// - Parameter level: what is less important is left out.
    public init(level: Logger.Level = .info) {
        self.init(level: level, sink: JournaldSink.isConnected ? JournaldSink() : StandardErrorSink())
    }

    init(level: Logger.Level, sink: any JournalSink) {
        logLevel = level
        self.sink = sink
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        sink.write(JournalEntry(level: event.level, message: event.message.description, metadata: all))
    }
}
