import Foundation
import Logging
import Testing
import WorkMessages

@testable import Beamline

@Suite struct JournalTests {
    private var record: ScanRecord {
        var record = ScanRecord(file: "/d/s.h5", entry: "/7.1", scan: 7, state: .done, at: Date())
        record.detector = "maxipix"
        record.output = "/d/s_scan0007_inpainted.h5"
        record.pcc = 0.98765
        record.seconds = 4.25
        record.method = "linear"
        return record
    }

    @Test func aFinishedScanHasAllFields() throws {
        let sink = RecordingSink()
        sink.journal.done(record)
        let entry = try #require(sink.entries.first)
        #expect(
            entry.message
                == "/d/s.h5#7 done: maxipix, linear, pcc 0.9877, 4.2 s → /d/s_scan0007_inpainted.h5"
        )
        for field in [
            "PRIORITY=6", "MESSAGE_ID=\(JournalEvent.scanDone.rawValue)", "LACUNA_SCAN=7", "LACUNA_FILE=/d/s.h5",
            "LACUNA_DETECTOR=maxipix", "LACUNA_STATE=done", "LACUNA_OUTPUT=/d/s_scan0007_inpainted.h5",
            "LACUNA_PCC=0.9877", "LACUNA_SECONDS=4.25", "SYSLOG_IDENTIFIER=lacuna",
        ] {
            #expect(entry.journalFields.contains(field), "\(entry.journalFields)")
        }
    }

    @Test(arguments: [
        (ScanState.skipped, JournalEvent.scanSkipped, 6), (.failed, .scanFailed, 4), (.stale, .scanStale, 4),
        (.quarantined, .scanQuarantined, 3), (.ready, .scanPutBack, 6),
    ])
    func otherEnds(state: ScanState, event: JournalEvent, priority: Int) throws {
        let sink = RecordingSink()
        var record = record
        record.state = state
        record.reason = "because"
        sink.journal.ended(record)
        let entry = try #require(sink.entries.first)
        #expect(entry.message.contains("because"))
        #expect(entry.journalFields.contains("LACUNA_STATE=\(state.rawValue)"))
        #expect(entry.journalFields.contains("MESSAGE_ID=\(event.rawValue)"))
        #expect(entry.journalFields.contains("PRIORITY=\(priority)"))
        #expect(!entry.journalFields.contains { $0.hasPrefix("LACUNA_PCC") })
    }

    @Test func eventNumbersAreProperAndDiffer() {
        let numbers = JournalEvent.allCases.map(\.rawValue)
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test func otherMetadataIsShownInTheMessage() {
        let entry = JournalEntry(level: .info, message: "text", metadata: ["size": "3", "LACUNA_FILE": "/x"])
        #expect(entry.message == "text (size=3)")
        #expect(entry.journalFields.last == "LACUNA_FILE=/x")
    }

    @Test func journaldIsOnlyUsedWhereItListens() {
        // Sending without a journal must be harmless.
        JournaldSink().write(JournalEntry(level: .debug, message: "lacuna test", metadata: [:]))
        #expect(!JournaldSink.isConnected || ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil)
    }
}
