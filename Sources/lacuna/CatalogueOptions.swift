import ArgumentParser
import Beamline
import Detectors

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
        directories.isEmpty
            ? [ShippedFiles.path("detectors") ?? "/usr/share/lacuna/detectors", "/etc/lacuna/detectors.d"]
            : directories.map(absolutePath)
    }
}
