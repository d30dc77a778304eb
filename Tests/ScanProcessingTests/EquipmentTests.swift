import ScanProcessing
import TestSupport
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

    @Test func aProfileThatNobodyKnowsOrThatNamesAnUnknownDetectorIsRefused() throws {
        func problem(_ profile: String) -> String? {
            var settings = ProcessingSettings()
            settings.method = .kriging
            settings.profile = profile
            return Equipment(checking: settings).problem?.message
        }
        for profile in [
            "auto", "none", "sixs", "cristal", "nsls-ii", "34-id-c", "p10", "i16", "nanomax", "areadetector",
        ] {
            #expect(problem(profile) == nil)
        }
        #expect(problem("sixes")?.hasPrefix("no profile is called “sixes”; known: 34-id-c, areadetector") == true)
        let directory = try TemporaryDirectory()
        let path = try directory.write("own.yaml", "name: own\ndatasets: [a]\ndetectors: [maxpix]\n")
        #expect(problem(path) == "\(path): detectors: no detector is called “maxpix”")
    }

    @Test func aliasesOfDetectorsAreKnownAndMisspeltNamesRefused() {
        #expect(check(["MPX1x4", "eiger2-4m"]).problem == nil)
        let problem = check(["maxipix-2x2", "maxpix"]).problem
        #expect(problem?.cause == .configuration && problem?.message.contains("“maxpix”") == true)
    }
}
