internal import Conventions
internal import Foundation
internal import Glibc
internal import Subprocess

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
