import ScanProcessing
import Testing
import WorkMessages

/// What a child reads on behalf of the daemon before the first scan.
@Suite struct EquipmentTests {
    private func check(_ allowed: [String]) -> Equipment {
        var settings = ProcessingSettings()
        settings.method = .kriging
        settings.detectorsAllowed = allowed
        return Equipment(checking: settings)
    }

    @Test func aSourceBuildFindsTheDetectorsThatShip() {
        let found = check([])
        #expect(found.detectors.contains("maxipix-2x2") && found.detectors.contains("mpx1x4"))
        #expect(found.problem == nil)
    }

    @Test func aliasesOfDetectorsAreKnownAndMisspeltNamesRefused() {
        #expect(check(["MPX1x4", "eiger2-4m"]).problem == nil)
        let problem = check(["maxipix-2x2", "maxpix"]).problem
        #expect(problem?.cause == .configuration && problem?.message.contains("“maxpix”") == true)
    }
}
