import Conventions
import Settings
import Testing
import WorkMessages

@testable import Beamline
@testable import StatusSite

@Suite struct ConfigurationTests {
    @Test func everythingButTheTreesMayBeLeftOut() throws {
        let configuration = try Configuration(yaml: "version: 1\nwatch: [{path: /data/id01/}]", file: "f")
        #expect(configuration == Configuration(roots: [WatchedRoot(path: "/data/id01")]))
        #expect(configuration.processing.method == .network)
        #expect(configuration.processing.fineTune == .auto)
        #expect(configuration.statusAddress?.description == "127.0.0.1:8391")
        #expect(configuration.retries == RetryPolicy(attempts: 3, backoffSeconds: 30))
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            version: 1
            watch:
              - path: /data
                detectors: [maxipix, eiger2m]
                output: /processed/
                events: poll
                titles: ["a*"]
                skip_titles: []
                settle_seconds: 0.5
                stale_after_minutes: 2
            processing: {method: cubic, quality: best, model: /m.safetensors, fine_tune: off,
                         fine_tune_above_misfit: 1.5, max_gap_pixels: 6, threads: 2, memory_limit_mb: 512, preview: false}
            detectors: {directories: [/etc/d]}
            state: {directory: /state}
            status: {socket: /run/x.sock, http: off}
            retries: {attempts: 1, backoff_seconds: 0}
            minimum_free_space_mb: 0
            """
        let configuration = try Configuration(yaml: text, file: "f")
        let root = try #require(configuration.roots.first)
        #expect(root.detectors == ["maxipix", "eiger2m"])
        #expect(root.outputDirectory == "/processed")
        #expect(root.events == .poll)
        #expect(root.titles == TitleRules(taken: ["a*"], skipped: []))
        #expect(root.settleSeconds == 0.5)
        #expect(root.staleAfterMinutes == 2)
        var processing = ProcessingSettings()
        (processing.method, processing.quality, processing.model) = (.cubic, .best, "/m.safetensors")
        (processing.fineTune, processing.fineTuneAboveMisfit, processing.maxGapPixels) = (.off, 1.5, 6)
        (processing.threads, processing.memoryLimitMiB, processing.preview) = (2, 512, false)
        processing.detectorDirectories = ["/etc/d"]
        #expect(configuration.processing == processing)
        #expect(configuration.stateDirectory == "/state")
        #expect(configuration.controlSocket == "/run/x.sock")
        #expect(configuration.statusAddress == nil)
        #expect(configuration.retries == RetryPolicy(attempts: 1, backoffSeconds: 0))
        #expect(configuration.minimumFreeSpaceMiB == 0)
    }

    @Test func eachTreeHasItsOwnProfileThresholdAndSeries() throws {
        let text = """
            version: 1
            watch:
              - {path: /a, profile: sixs, series: sum, threshold: 2}
              - {path: /b, profile: /etc/own.yaml}
              - {path: /c}
            """
        let configuration = try Configuration(yaml: text, file: "f")
        let settings = configuration.roots.map { configuration.settings(for: $0) }
        #expect(settings.map(\.profile) == ["sixs", "/etc/own.yaml", "auto"])
        #expect(settings.map(\.series) == [.sum, nil, nil] && settings.map(\.threshold) == [2, nil, nil])
        #expect(settings[0].arguments.prefix(6) == ["--threshold", "2", "--series", "sum", "--profile", "sixs"])
        #expect(configuration.settingsToCheck.map(\.profile) == ["/etc/own.yaml", "auto", "sixs"])
        let error = #expect(throws: SettingsError.self) {
            try Configuration(yaml: "version: 1\nwatch: [{path: /a, series: add}]", file: "f")
        }
        #expect(error?.problem == "“add” is not one of sum, stack")
    }

    @Test func anExecutorIsSwitchedByOneWord() throws {
        let block =
            "slurm: {directory: /jobs/, jobs: 4, partition: bm, account: id01, options: [--time=30, --qos=high]}"
        var settings = SlurmSettings(directory: "/jobs")
        settings.jobs = 4
        settings.partition = "bm"
        settings.account = "id01"
        settings.options = ["--time=30", "--qos=high"]
        for (name, executor) in [("slurm", Executor.slurm(settings)), ("local", .local)] {
            let text = "version: 1\nwatch: [{path: /d}]\nexecutor: \(name)\n\(block)"
            #expect(try Configuration(yaml: text, file: "f").executor == executor)
        }
        #expect(Executor.local.scansInWork == 1 && Executor.slurm(settings).scansInWork == 4)
    }

    @Test(
        arguments: [
            ("watch: [{path: /d}]", nil, "", "“version” is missing"),
            ("version: 2\nwatch: [{path: /d}]", 1, "version", "only version 1"),
            ("version: 1", nil, "", "“watch” is missing"),
            ("version: 1\nwach: [{path: /d}]", 2, "", "unknown key “wach”; is “watch” meant"),
            ("version: 1\nwatch: []", 2, "watch", "at least one"),
            ("version: 1\nwatch:\n  - path: data", 3, "watch[0].path", "not an absolute path"),
            ("version: 1\nwatch:\n  - {path: /d}\n  - {path: /d/}", 4, "watch[1]", "watched twice"),
            ("version: 1\nwatch:\n  - path: /d\n    event: poll", 4, "watch[0].event", "unknown key"),
            (
                "version: 1\nwatch:\n  - path: /d\n    events: maybe", 4, "watch[0].events",
                "not one of inotify, poll, auto"
            ),
            (
                "version: 1\nwatch:\n  - path: /d\n    output: here", 4, "watch[0].output",
                "“sibling”, “esrf” or an absolute path"
            ),
            ("version: 1\nwatch:\n  - path: /d\n    titles: []", 4, "watch[0].titles", "empty"),
            ("version: 1\nwatch:\n  - path: /d\n    detectors: all", 4, "watch[0].detectors", "expected a list"),
            (
                "version: 1\nwatch:\n  - path: /d\n    stale_after_minutes: 0", 4, "watch[0].stale_after_minutes",
                "above 0"
            ),
            ("version: 1\nwatch: [{path: /d}]\nprocessing:\n  threads: -1", 4, "processing.threads", "-1 is not"),
            (
                "version: 1\nwatch: [{path: /d}]\nprocessing:\n  method: magic", 4, "processing.method",
                "not one of network"
            ),
            (
                "version: 1\nwatch: [{path: /d}]\nprocessing:\n  quality: good", 4, "processing.quality",
                "not one of fast, standard, best"
            ),
            ("version: 1\nwatch: [{path: /d}]\nprocessing:\n  model: m", 4, "processing.model", "not an absolute path"),
            ("version: 1\nwatch: [{path: /d}]\nprocessing:\n  preview: 3", 4, "processing.preview", "true or false"),
            ("version: 1\nwatch: [{path: /d}]\nstate:\n  directory: x", 4, "state.directory", "not an absolute path"),
            ("version: 1\nwatch: [{path: /d}]\nstatus:\n  http: 8391", 4, "status.http", "not “off” or an address"),
            ("version: 1\nwatch: [{path: /d}]\nretries:\n  attempts: 0", 4, "retries.attempts", "0 is not"),
            (
                "version: 1\nwatch: [{path: /d}]\nminimum_free_space_mb: lots", 3, "minimum_free_space_mb",
                "whole number"
            ),
            ("version: 1\nwatch: [{path: /d}]\nexecutor: slurm", nil, "", "“slurm” is missing"),
            ("version: 1\nwatch: [{path: /d}]\nexecutor: htcondor", 3, "executor", "not one of local, slurm"),
            ("version: 1\nwatch: [{path: /d}]\nslurm:\n  jobs: 3", 4, "slurm", "“directory” is missing"),
            (
                "version: 1\nwatch: [{path: /d}]\nslurm:\n  directory: /j\n  jobs: 0", 5, "slurm.jobs",
                "0 is not within 1…1000"
            ),
            (
                "version: 1\nwatch: [{path: /d}]\nslurm:\n  directory: /j\n  options: [qos high]", 5, "slurm.options",
                "each is one option of sbatch"
            ),
            ("version: 1\nwatch: [{path: /d}]\ncolour: red", 3, "colour", "unknown key"),
        ] as [(String, Int?, String, String)])
    func faultsAreNamedWithTheirPlace(text: String, line: Int?, key: String, problem: String) throws {
        let error = try #require(throws: SettingsError.self) { try Configuration(yaml: text, file: "lacuna.yaml") }
        #expect(error.file == "lacuna.yaml")
        if let line { #expect(error.line == line) }
        #expect(error.key == key)
        #expect(error.problem.contains(problem), "\(error)")
    }

    @Test(arguments: [
        ("ascan eta 1 2 3", true), ("dscan eta 1 2 3", true), ("sxdm x y scan ", false), ("ct 1", false),
        ("amesh scan x", false), ("loopscan 3", false), ("a2scan a/b", true), ("", false),
    ])
    func titles(title: String, isTaken: Bool) {
        #expect((TitleRules().reasonToSkip(title) == nil) == isTaken)
    }

    @Test(
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80"), ("[::1]:8391", "[::1]:8391"), ("::1:80", nil), ("host", nil),
            (":80", nil),
            ("host:99999", nil), ("host:0", nil),
        ] as [(String, String?)])
    func addresses(text: String, expected: String?) {
        #expect(HostAndPort(text)?.description == expected)
    }

    @Test func pausesDouble() {
        let policy = RetryPolicy(attempts: 5, backoffSeconds: 30)
        #expect((1...4).map(policy.pause(afterAttempt:)) == [30, 60, 120, 240])
    }

    @Test func theInnermostTreeCounts() {
        let configuration = Configuration(roots: [WatchedRoot(path: "/data"), WatchedRoot(path: "/data/id01")])
        #expect(configuration.root(of: "/data/id01/x.h5")?.path == "/data/id01")
        #expect(configuration.root(of: "/data/id010/x.h5")?.path == "/data")
        #expect(configuration.root(of: "/other/x.h5") == nil)
    }
}
