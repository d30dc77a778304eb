import Foundation
import Testing
import WorkMessages

@testable import Beamline

/// The files that a package installs agree with the code.
@Suite struct ShippedFilesTests {
    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func theAnnotatedExampleShowsTheDefaults() throws {
        let file = Self.top.appendingPathComponent("Config/lacuna.yaml").path
        #expect(
            try Configuration(contentsOf: file) == Configuration(roots: [WatchedRoot(path: "/data/id01/inhouse")])
        )
    }

    @Test func theWatchdogOutlastsTheLongestLook() throws {
        let file = Self.top.appendingPathComponent("systemd/lacuna.service")
        let unit = try String(contentsOf: file, encoding: .utf8)
        for line in [
            "Type=notify", "WatchdogSec=3min", "KillMode=mixed", "Environment=HDF5_USE_FILE_LOCKING=FALSE",
            "ExecReload=/bin/kill -HUP $MAINPID", "Restart=on-failure", "User=lacuna", "ProtectSystem=strict",
        ] {
            #expect(unit.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test(arguments: JournalEvent.allCases)
    func theGuideForStaffTellsWhatEachLineOfTheJournalMeans(event: JournalEvent) throws {
        let guide = try String(contentsOf: Self.top.appendingPathComponent("Documentation/staff.md"), encoding: .utf8)
        #expect(guide.contains(" `\(event.rawValue)` |"), "\(event)")
    }

    /// The kernel must not kill before a child ends itself, which says why.
    @Test func theUnitHasRoomForTheDaemonBesideTheLargestChild() throws {
        let file = Self.top.appendingPathComponent("systemd/lacuna.service")
        let unit = try String(contentsOf: file, encoding: .utf8)
        let limit = try #require(unit.firstMatch(of: /\nMemoryMax=(\d+)G\n/).flatMap { Int($0.1) })
        #expect(limit * 1_024 >= ProcessingSettings().memoryLimitMiB + ProcessingSettings.memoryAllowanceMiB + 512)
    }
}
