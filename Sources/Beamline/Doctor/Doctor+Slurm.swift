internal import Glibc

extension Doctor {
    /// Whether Slurm answers, and jobs can tell the daemon how they fare.
    func slurm(_ configuration: Configuration) async -> [Finding] {
        guard case .slurm(let settings) = configuration.executor else { return [] }
        return [spool(settings.directory), await controller()]
    }

    private func spool(_ directory: String) -> Finding {
        let make = "sudo install -d -o \(user) -g \(user) \(Shell.quoted(directory))"
        guard access(Self.existingAncestor(of: directory), W_OK | X_OK) == 0 else {
            return .problem("slurm", directory, "\(user) cannot write there", remedy: make)
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
