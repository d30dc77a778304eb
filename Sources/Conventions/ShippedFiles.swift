internal import Foundation

/// What belongs to the program besides itself.
public enum ShippedFiles {
    /// The weights of the network; `nil` where none are installed.
    public static var model: String? { path("models/gap.safetensors") }

    /// The weights of the paper's network; `nil` where none are installed.
    public static var paperModel: String? { path("models/paper.safetensors") }

    /// The descriptions of detectors that ship, and those that a site adds to them or puts in their place.
    public static var detectorDirectories: [String] {
        [path("detectors") ?? "/usr/share/lacuna/detectors", "/etc/lacuna/detectors.d"]
    }

    /// The profiles of facilities that ship, and those of the site.
    public static var profileDirectories: [String] {
        [path("profiles") ?? "/usr/share/lacuna/profiles", "/etc/lacuna/profiles.d"]
    }

    /// Where plug-ins of HDF5 lie that were installed with the program: `/usr/lib/lacuna/hdf5-plugins` for `/usr/bin/lacuna`.
    public static var hdf5Plugins: String {
        executable.deletingLastPathComponent().deletingLastPathComponent().appending(path: "lib/lacuna/hdf5-plugins")
            .path(percentEncoded: false)
    }

    /// The file that this process runs.
    private static var executable: URL {
        URL(filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
    }

    /// A file or directory in `share/lacuna` of an installation, or in `Config` of the checkout that the program was
    /// built in; `nil` where there is none.
    public static func path(_ name: String) -> String? {
        var directory = executable.deletingLastPathComponent()
        let installed = directory.deletingLastPathComponent().appending(path: "share/lacuna/\(name)")
        var candidates = [installed.path(percentEncoded: false)]
        while directory.path(percentEncoded: false) != "/" {
            candidates.append(directory.appending(path: "Config/\(name)").path(percentEncoded: false))
            directory.deleteLastPathComponent()
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0) }
    }
}
