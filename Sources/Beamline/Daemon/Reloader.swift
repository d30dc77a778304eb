internal import ServiceLifecycle
internal import Settings
internal import UnixSignals

/// Reads the configuration again at SIGHUP; a faulty one is refused and the old one stays in force.
struct Reloader: Service {
    let daemon: Daemon

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { await reload() }
        }
    }

    func reload() async {
        daemon.manager.reloading()
        let file = daemon.configurationFile
        do {
            try await daemon.use(Configuration(contentsOf: file))
            daemon.journal.note(.configurationReloaded, "\(file) was read again and is in force")
        } catch {
            daemon.journal.warn(.configurationRefused, "the old configuration stays in force: \(error)")
        }
        daemon.manager.ready()
    }
}
