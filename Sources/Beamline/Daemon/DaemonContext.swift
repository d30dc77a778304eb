/// What all parts of the daemon work with; tests put their own in place of the machine's.
struct DaemonContext: Sendable {
    var ledger: Ledger
    var worker: any ScanWorker
    var journal: Journal
    var manager: any ServiceManager
    var watchdog: Watchdog
    var time: any TimeSource = SystemTime()
    var files: any FileSystem = LocalFileSystem()
}
