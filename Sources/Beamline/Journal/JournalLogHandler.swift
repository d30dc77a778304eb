public import Logging

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
