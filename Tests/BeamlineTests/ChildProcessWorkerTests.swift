import Foundation
import Synchronization
import TestSupport
import Testing
import WorkMessages

@testable import Beamline

/// A shell script in the place of `lacuna`.
private func worker(
    _ directory: TemporaryDirectory, _ script: String, limit: Duration = .seconds(120)
) throws -> ChildProcessWorker {
    let path = "\(directory.path)/lacuna"
    // By another process: a file that this one has open for writing, when another test starts a child, stays busy.
    let install = Process()
    install.executableURL = URL(filePath: "/usr/bin/install")
    install.arguments = ["-m", "755", try directory.write("script", "#!/bin/sh\n" + script), path]
    try install.run()
    install.waitUntilExit()
    return ChildProcessWorker(executable: path, inspectionLimit: limit)
}

@Suite struct ChildProcessWorkerTests {
    let directory: TemporaryDirectory
    private var job: InpaintJob {
        InpaintJob(input: "/data/a b.h5", scan: 7, output: "\(directory.path)/out.h5", settings: ProcessingSettings())
    }

    init() throws { directory = try TemporaryDirectory() }

    @Test func aReportArrivesWithItsProgress() async throws {
        let report = WorkerEvent.report(.sample(job))
        let line = String(decoding: try report.line(), as: UTF8.self)
        try directory.write("report", line)
        let worker = try worker(
            directory,
            """
            printf '%s\\n' "$@" > \(directory.path)/arguments
            head -n 1 > \(directory.path)/order
            echo "$HDF5_USE_FILE_LOCKING" > \(directory.path)/locking
            echo "a library talks"
            echo '{"progress": {"stage": "inpaint", "done": 5, "total": 10}}'
            echo "noise" >&2
            cat \(directory.path)/report
            """
        )
        let progress = Mutex<[WorkProgress]>([])
        let result = try await worker.inpaint(job) { made in progress.withLock { $0.append(made) } }
        #expect(result == .sample(job))
        #expect(progress.withLock { $0 } == [WorkProgress(stage: "inpaint", done: 5, total: 10)])
        let written = try String(contentsOfFile: "\(directory.path)/arguments", encoding: .utf8)
        #expect(written == "child\ninpaint\n")
        let order = try Data(contentsOf: URL(filePath: "\(directory.path)/order"))
        #expect(try JSONDecoder().decode(InpaintJob.self, from: order) == job)
        #expect(try String(contentsOfFile: "\(directory.path)/locking", encoding: .utf8) == "FALSE\n")
    }

    @Test(
        arguments: [
            (
                "echo '{\"failure\": {\"cause\": \"output_full\", \"message\": \"no room\"}}'; exit 5", .outputFull,
                "no room"
            ),
            ("echo 'Error: the disk is full' >&2; exit 5", .outputRefused, "the disk is full"),
            ("exit 77", .internalFailure, "the worker ended with code 77"),
            ("exit 143", .internalFailure, "/data/a b.h5: the worker was ended by signal 15; the file may be damaged"),
            (
                "kill -SEGV $$", .internalFailure,
                "/data/a b.h5: the worker was ended by signal 11; the file may be damaged"
            ),
            ("exit 0", .internalFailure, "the worker ended without a report"),
            ("echo '{\"report\": {}}'; exit 0", .internalFailure, "the worker ended without a report"),
        ] as [(String, FailureCause, String)])
    func failures(script: String, cause: FailureCause, message: String) async throws {
        let worker = try worker(directory, script)
        let failure = await #expect(throws: WorkerFailure.self) { try await worker.inpaint(job) { _ in } }
        #expect(failure == WorkerFailure(cause, message))
    }

    @Test func anInspectionIsRead() async throws {
        let inspection = Inspection(input: "/data/x\u{2028}y.h5", layout: "lima", scans: [.bliss("/d", scan: 3)])
        let json = String(decoding: try JSONEncoder().encode(inspection), as: UTF8.self)
        try directory.write("json", json)
        let worker = try worker(
            directory,
            "head -n 1 > \(directory.path)/order; echo \"$*\" >> \(directory.path)/order; cat \(directory.path)/json")
        var settings = ProcessingSettings()
        settings.detectorsAllowed = ["mpx1x4", "-x"]
        #expect(try await worker.inspect("/data/x", settings: settings) == inspection)
        let written = try String(contentsOfFile: "\(directory.path)/order", encoding: .utf8)
        let lines = written.split(separator: "\n")
        let order = try JSONDecoder().decode(InspectJob.self, from: Data(lines[0].utf8))
        #expect(order == InspectJob(input: "/data/x", settings: settings) && lines[1] == "child inspect")
    }

    @Test func aLookThatHangsIsGivenUp() async throws {
        let worker = try worker(directory, "exec sleep 600", limit: .milliseconds(200))
        let failure = await #expect(throws: WorkerFailure.self) {
            try await worker.inspect("/data/x", settings: ProcessingSettings())
        }
        #expect(failure?.cause == .input)
    }

    @Test func cancellingEndsTheChild() async throws {
        let worker = try worker(directory, "echo $$ > \(directory.path)/pid; trap '' TERM; while :; do sleep 1; done")
        let task = Task { try await worker.inpaint(job) { _ in } }
        var process: Int32 = 0
        try await eventually("started") {
            let text = try? String(contentsOfFile: "\(directory.path)/pid", encoding: .utf8)
            process = text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
            return process > 0
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(kill(process, 0) != 0)
    }

    @Test func theStandardInputStaysOpenWhileTheDaemonLives() async throws {
        // The child ends well only if its input is still open after a while.
        let worker = try worker(
            directory,
            """
            if timeout 0.3 cat > /dev/null; then echo "input was closed" >&2; exit 1; fi
            echo '{"failure": {"cause": "incomplete", "message": "input stayed open"}}'; exit 4
            """
        )
        let failure = await #expect(throws: WorkerFailure.self) { try await worker.inpaint(job) { _ in } }
        #expect(failure?.message == "input stayed open")
    }

    @Test func aMissingExecutableIsAFailure() async throws {
        let worker = ChildProcessWorker(executable: "/nowhere/lacuna")
        let failure = await #expect(throws: WorkerFailure.self) { try await worker.inpaint(job) { _ in } }
        #expect(failure?.cause == .internalFailure)
    }

    /// As `lacuna --help` lists them.
    @Test func eachCauseHasTheExitCodeThatIsDocumented() throws {
        let codes: [FailureCause: Int32] = [
            .internalFailure: 1, .configuration: 2, .input: 3, .incomplete: 4, .outputFull: 5, .outputRefused: 5,
            .outputOccupied: 5,
        ]
        for cause in FailureCause.allCases { #expect(cause.exitCode == codes[cause], "\(cause)") }
        for code in codes.values { #expect(FailureCause(exitCode: code).exitCode == code) }
        #expect(FailureCause(exitCode: 77) == .internalFailure)
    }

    @Test func eventsSurviveTheLine() throws {
        let job = job
        for event in [
            WorkerEvent.progress(WorkProgress(stage: "read", done: 1, total: 2)), .report(.sample(job)),
            .failure(WorkerFailure(.outputRefused, "line\nbreak")),
        ] {
            let line = String(decoding: try event.line(), as: UTF8.self)
            #expect(line.filter(\.isNewline) == "\n")
            #expect(WorkerEvent(line: line.dropLast()) == event)
        }
        #expect(WorkerEvent(line: "{}") == nil)
        #expect(WorkerEvent(line: "HDF5 says hello") == nil)
    }
}
