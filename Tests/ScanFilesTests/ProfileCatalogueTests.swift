import Detectors
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

    @Test func framesInFilesOfTheirOwnGetTheDetectorOfTheirDirectory() throws {
        try withTemporaryDirectory { directory in
            let yaml = "name: a\ndirectories: [\"*_S[0-9][0-9][0-9][0-9]\"]\ndetectors: [34idc-tim2]\n"
            let profile = try FacilityProfile(SettingsValue(yaml: yaml, file: "p.yaml"))
            for name in ["Staff_S0012", "other"] {
                let series = SmallSeries(directory: "\(directory)/\(name)")
                try FileManager.default.createDirectory(
                    atPath: series.directory, withIntermediateDirectories: false)
                for number in 0..<4 { try series.writeTIFF(number) }
            }
            func scan(_ name: String, _ profile: ProfileChoice) throws -> Scan {
                try #require(
                    ScanFile.open("\(directory)/\(name)", selection: nil, profile: profile).scans.first)
            }
            let named = try scan("Staff_S0012", .named(profile))
            #expect(named.problem == nil && named.profile == "a")
            #expect(named.evidence.contains { $0.source == .profile && $0.text == "34idc-tim2" })
            #expect(try scan("other", .named(profile)).problem?.problem.contains("does not fit") == true)
            #expect(try scan("other", .none).profile == nil)
        }
    }
}
