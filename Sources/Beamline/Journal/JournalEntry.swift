internal import Logging

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
