internal import Conventions
internal import Foundation
internal import Subprocess

extension Doctor {
    /// Whether the unit of systemd lets the daemon write where its outputs go; rights of files are not all that counts.
    func unit(_ configuration: Configuration) async -> [Finding] {
        let result = try? await Subprocess.run(
            .name("systemctl"),
            arguments: ["show", "lacuna.service", "--property=LoadState,ProtectSystem,ReadWritePaths"],
            output: .string(limit: 65_536), error: .discarded)
        guard let text = result?.standardOutput else { return [] }
        return Self.unit(text, places: configuration.placesWritten)
    }

    /// - Parameters:
    ///   - properties: what `systemctl show` prints.
    ///   - places: where outputs go.
    static func unit(_ properties: String, places: [String]) -> [Finding] {
        var values: [String: String] = [:]
        for line in properties.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard values["LoadState"] == "loaded", values["ProtectSystem"] == "strict" else { return [] }
        // A leading dash allows the path to be missing, a plus sign reads it below RootDirectory=.
        let writable = (values["ReadWritePaths"] ?? "").split(separator: " ")
            .map { AbsolutePath.normalised(String($0.drop { "-+".contains($0) })) }
        return places.map { place in
            guard !writable.contains(where: { place == $0 || WatchedRoot(path: $0).contains(place) }) else {
                return .ok("unit", place, "the unit lets the daemon write there")
            }
            let directory = "/etc/systemd/system/lacuna.service.d"
            let line = Shell.quoted("[Service]\nReadWritePaths=-\(place)").replacing("\n", with: "\\n")
            return .problem(
                "unit", place, "the unit's ReadWritePaths= does not let the daemon write there",
                remedy: "sudo mkdir -p \(directory) && printf \(line)'\\n' | sudo tee -a \(directory)/paths.conf"
                    + " && sudo systemctl daemon-reload && sudo systemctl restart lacuna")
        }
    }
}
