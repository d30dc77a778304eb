import Foundation
import Testing

@testable import Beamline

@Suite struct DoctorUnitTests {
    @Test func treesThatTheUnitMakesReadOnlyAreFound() throws {
        let properties = "LoadState=loaded\nProtectSystem=strict\nReadWritePaths=-/data +/scratch/out\n"
        let places = ["/data/id01", "/data", "/scratch/out/x", "/database", "/mnt/it's here"]
        let findings = Doctor.unit(properties, places: places)
        #expect(findings.map(\.level) == [.ok, .ok, .ok, .problem, .problem])
        let remedy = try #require(findings[3].remedy)
        #expect(remedy.contains(#"printf '[Service]\nReadWritePaths=-/database''\n' | sudo tee -a "#))
        #expect(findings[4].remedy?.contains(#"-/mnt/it'\''s here'"#) == true)
    }

    @Test func onlyTheSystemsDaemonIsStartedBySystemd() {
        func doctor(_ file: String) -> Doctor { Doctor(configurationFile: file, pageDirectory: nil, user: "ana") }
        #expect(doctor("/etc/lacuna/lacuna.yaml").start == "sudo systemctl enable --now lacuna")
        #expect(doctor("/home/ana/my own.yaml").start == "lacuna watch --config '/home/ana/my own.yaml'")
    }

    @Test func noRightsAreAskedForOnAFileSystemThatIsReadOnly() {
        let doctor = Doctor(configurationFile: "/home/ana/l.yaml", pageDirectory: nil, user: "ana")
        let rights = doctor.unwritable("/data", error: EACCES, remedy: "sudo install -d /data")
        #expect(rights.reason == "ana cannot write in /data" && rights.remedy == "sudo install -d /data")
        let mount = doctor.unwritable("/data", error: EROFS, remedy: "sudo install -d /data")
        #expect(mount.reason.contains("mounted read-only") && mount.remedy == "sudo editor /home/ana/l.yaml")
    }

    @Test func nothingIsSaidWhereNoUnitIsInForce() {
        #expect(Doctor.unit("LoadState=not-found\nProtectSystem=no\nReadWritePaths=\n", places: ["/data"]).isEmpty)
        #expect(Doctor.unit("LoadState=loaded\nProtectSystem=full\nReadWritePaths=\n", places: ["/data"]).isEmpty)
    }
}
