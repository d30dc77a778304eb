package import ArgumentParser
internal import Conventions
package import Detectors

/// Where the detector descriptions are read from.
package struct CatalogueOptions: ParsableArguments {
    @Option(
        name: .customLong("detector-directory"),
        help: ArgumentHelp(
            "A directory of detector descriptions beside those that ship and /etc/lacuna/detectors.d (repeatable).",
            discussion: "Later ones override earlier ones.", valueName: "dir"))
    package var directories: [String] = []
    @Flag(name: .customLong("only-detector-directories"), help: .hidden)
    package var isWithoutShipped = false

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
        let given = directories.map(absolutePath)
        return isWithoutShipped && !given.isEmpty ? given : ShippedFiles.detectorDirectories + given
    }
}
