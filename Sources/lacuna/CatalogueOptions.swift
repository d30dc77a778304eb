import ArgumentParser
import Beamline
import Detectors
import Foundation

/// Where the detector descriptions are read from.
struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("detector-directory"),
        help: ArgumentHelp(
            "A directory of detector descriptions; later ones override earlier ones (repeatable).",
            discussion: "Default: the shipped descriptions, then /etc/lacuna/detectors.d.", valueName: "dir"))
    var directories: [String] = []

    /// Reads the descriptions in force.
    func load() throws -> DetectorCatalogue {
        do {
            return try DetectorCatalogue(directories: resolvedDirectories)
        } catch {
            throw CommandFailure(error)
        }
    }

    var resolvedDirectories: [String] {
        directories.isEmpty ? [Self.shippedDirectory, "/etc/lacuna/detectors.d"] : directories.map(absolutePath)
    }

    /// `share/lacuna/detectors` of an installation, or `Config/detectors` of the checkout that the program was built in.
    private static var shippedDirectory: String {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var directory = URL(filePath: executable).deletingLastPathComponent()
        let installed = directory.deletingLastPathComponent().appending(path: "share/lacuna/detectors")
        var candidates = [installed.path(percentEncoded: false)]
        while directory.path(percentEncoded: false) != "/" {
            candidates.append(directory.appending(path: "Config/detectors").path(percentEncoded: false))
            directory.deleteLastPathComponent()
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0) } ?? "/usr/share/lacuna/detectors"
    }
}
