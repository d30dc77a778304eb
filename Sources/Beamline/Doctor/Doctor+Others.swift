internal import Conventions
internal import Foundation
internal import Glibc
internal import StatusSite
internal import WorkMessages

extension Doctor {
    /// How many trees match each pattern now.
    func patterns(of configuration: Configuration) -> [Finding] {
        configuration.roots.filter { $0.template != nil }.map { root in
            let count = root.trees().count
            guard count > 0 else {
                return .warning(
                    "tree", root.path, "matches no directory yet; the daemon waits for one",
                    remedy: "ls -d \(Self.shellPattern(root.path))")
            }
            return .ok("tree", root.path, "matches \(count) director\(count == 1 ? "y" : "ies")")
        }
    }

    /// What another process holds that this daemon needs: socket, address, trees.
    func others(_ configuration: Configuration) -> [Finding] {
        let lock = configuration.stateDirectory + "/lock"
        let own =
            StateLock.isHeld(directory: configuration.stateDirectory)
            ? ResourceOwner.process(lockingAt: lock) : nil
        var findings: [Finding] = []
        func found(_ check: String, _ subject: String, _ process: Int32, remedy: String) {
            guard process != own else { return }
            let owner = ResourceOwner.text(process) ?? "another process"
            findings.append(.problem(check, subject, "is in use by \(owner)", remedy: remedy))
        }
        if let process = ResourceOwner.process(listeningAt: configuration.controlSocket), process > 0 {
            found("socket", configuration.controlSocket, process, remedy: edit)
        }
        if let address = configuration.statusAddress {
            let (isInUse, process) = ResourceOwner.listener(at: address)
            // Whose it is, only its user and root may know.
            if isInUse, process != nil || own == nil { found("page", "\(address)", process ?? 0, remedy: edit) }
        }
        for root in configuration.roots {
            if let process = ResourceOwner.process(watching: root.path) {
                found("tree", root.path, process, remedy: "ps -fp \(process)")
            }
        }
        return findings
    }

    /// Scans that wait for a person.
    func failures(_ configuration: Configuration) async -> [Finding] {
        guard let ledger = try? Ledger.readOnly(directory: configuration.stateDirectory),
            let counts = try? await ledger.counts()
        else { return [] }
        let quarantined = counts[.quarantined] ?? 0
        guard quarantined > 0 else { return [.ok("scans", "quarantined", "none")] }
        return [
            .warning(
                "scans", "quarantined", "\(quarantined); lacuna status says why", remedy: "lacuna retry --failed")
        ]
    }

    /// What the shell matches by a pattern of the configuration.
    private static func shellPattern(_ path: String) -> String {
        path.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "*" : String($0)) }.joined()
    }
}
