package import ArgumentParser
internal import Conventions
package import Detectors

/// Where the detector descriptions are read from.
package struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("detector-directory"),
        help: ArgumentHelp(
            "A directory of detector descriptions; later ones override earlier ones (repeatable).",
            discussion: "Default: the shipped descriptions, then /etc/lacuna/detectors.d.", valueName: "dir"))
    package var directories: [String] = []

    package init() {}

    /// Reads the descriptions in force.
    package func load() throws -> DetectorCatalogue {
        do {
            return try DetectorCatalogue(directories: resolvedDirectories)
        } catch {
            throw CommandFailure(error)
        }
    }

    private var resolvedDirectories: [String] {
        directories.isEmpty ? ShippedFiles.detectorDirectories : directories.map(absolutePath)
    }
}
