import Foundation
import Settings
import Testing

@testable import ScanFiles

@Suite struct ProfileCatalogueTests {
    private func error(_ yaml: String) throws -> String {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/p.yaml"
            try Data(yaml.utf8).write(to: URL(filePath: path))
            let error = try #require(throws: SettingsError.self) { try ProfileCatalogue(directories: [directory]) }
            return "\(error)".replacing(path, with: "p.yaml")
        }
    }

    @Test func aFaultInAProfileIsNamedWithItsPlace() throws {
        #expect(try error("name: a\ndatasets: [x]\ndetector: [y]\n").hasPrefix("p.yaml:3: detector: unknown key"))
        #expect(try error("datasets: [x]\n") == "p.yaml:1: the key “name” is missing")
        #expect(try error("name: a\n").contains("“datasets” or “directories” must say where frames lie"))
        #expect(try error("name: a\ndatasets: x\n").contains("datasets: expected a list, found “x”"))
        #expect(try error("name: a\ndatasets: [x]\nmotors: [{name: mu}]\n").contains("the key “path” is missing"))
    }

    @Test func aSitesProfileTakesThePlaceOfOneThatShips() throws {
        try withTemporaryDirectory { directory in
            for (place, description) in [("shipped", "old"), ("site", "new")] {
                try FileManager.default.createDirectory(
                    atPath: "\(directory)/\(place)", withIntermediateDirectories: false)
                try Data("name: a\ndescription: \(description)\ndatasets: [x]\n".utf8)
                    .write(to: URL(filePath: "\(directory)/\(place)/p.yaml"))
            }
            let catalogue = try ProfileCatalogue(
                directories: ["\(directory)/shipped", "\(directory)/site", "\(directory)/missing"])
            #expect(catalogue.profiles.map(\.description) == ["new"])
        }
    }

    @Test(arguments: [
        ("/data/Staff_S0012", true), ("/data/S0012/other", false), ("/data/Staff_S0012/sub", true),
    ])
    func directoriesAreMatchedByTheirNames(path: String, isMeant: Bool) throws {
        let yaml = "name: a\ndirectories: [\"*_S[0-9][0-9][0-9][0-9]\"]\n"
        let profile = try FacilityProfile(SettingsValue(yaml: yaml, file: "p.yaml"))
        #expect(profile.isMeant(forDirectory: path) == isMeant)
    }
}
