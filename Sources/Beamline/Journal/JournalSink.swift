internal import CSystemd
internal import Foundation
internal import Glibc

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
