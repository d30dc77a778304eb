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

    @Test func nothingIsSaidWhereNoUnitIsInForce() {
        #expect(Doctor.unit("LoadState=not-found\nProtectSystem=no\nReadWritePaths=\n", places: ["/data"]).isEmpty)
        #expect(Doctor.unit("LoadState=loaded\nProtectSystem=full\nReadWritePaths=\n", places: ["/data"]).isEmpty)
    }
}
