internal import Conventions
internal import Foundation
internal import Glibc
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

extension Doctor {
    /// Seconds by which the clocks of this machine and of a file server may differ: quiet times are told by both.
    private static let tolerance = 2.0

    /// This machine's clock, and those by which the file systems of the outputs date their files.
    func clock(_ configuration: Configuration) async -> [Finding] {
        var findings = [await synchronisation()]
        var places: [String] = []
        for root in configuration.roots {
            let place = root.outputDirectory ?? root.path
            if !places.contains(place) { places.append(place) }
        }
        findings += places.compactMap(fileClock)
        return findings
    }

    /// What timedatectl(1) says, which knows the kernel's own flag whoever keeps the time.
    private func synchronisation() async -> Finding {
        let remedy = "sudo timedatectl set-ntp true"
        let result = try? await Subprocess.run(
            .name("timedatectl"), arguments: ["show", "--property=NTPSynchronized", "--value"],
            output: .string(limit: 4_096), error: .discarded)
        switch result?.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines) {
        case "yes": return .ok("clock", "this machine", "is synchronised")
        case "no": return .problem("clock", "this machine", "is not synchronised", remedy: remedy)
        default: return .warning("clock", "this machine", "timedatectl does not tell", remedy: "timedatectl status")
        }
    }

    /// Dates a hidden file that vanishes at once; `nil` where none can be made, which another check tells.
    private func fileClock(of directory: String) -> Finding? {
        let path = AbsolutePath.joined(directory, ".lacuna-doctor-\(getpid())")
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        defer {
            close(descriptor)
            unlink(path)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let written = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        let difference = written - Date().timeIntervalSince1970
        guard abs(difference) <= Self.tolerance else {
            let amount = String(format: "%.1f s %@", abs(difference), difference > 0 ? "ahead" : "behind")
            return .problem(
                "clock", directory, "its file server is \(amount); scans may be taken too early or too late",
                remedy: "sudo timedatectl set-ntp true")
        }
        return .ok("clock", directory, "its files are dated as this machine's clock says")
    }
}

extension Doctor {
    /// Whether Slurm answers, and jobs can tell the daemon how they fare.
    func slurm(_ configuration: Configuration) async -> [Finding] {
        guard case .slurm(let settings) = configuration.executor else { return [] }
        return [spool(settings.directory), await controller()]
    }

    private func spool(_ directory: String) -> Finding {
        let make = "sudo install -d -o \(user) -g \(user) \(Shell.quoted(directory))"
        guard access(Self.existingAncestor(of: directory), W_OK | X_OK) == 0 else {
            let (reason, remedy) = unwritable(Self.existingAncestor(of: directory), error: errno, remedy: make)
            return .problem("slurm", directory, reason, remedy: remedy)
        }
        return .ok("slurm", directory, "can be written; nodes must see it at the same path")
    }

    private func controller() async -> Finding {
        do throws(SlurmClient.Refusal) {
            _ = try await SlurmClient().tasks(of: ["lacuna"])
            return .ok("slurm", "slurmctld", "answers")
        } catch {
            return .problem("slurm", "slurmctld", error.reason, remedy: "scontrol ping")
        }
    }
}
