import ArgumentParser
import Beamline
import CommandSupport
import Foundation
import ScanFiles
import ScanProcessing
import WorkMessages

/// What the daemon has done in processes of their own. Each command reads its order as one line of JSON from its standard
/// input, which stays open as long as the daemon lives.
struct ChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "child", abstract: "Work for the daemon.", shouldDisplay: false,
        subcommands: [Check.self, Inspect.self, Inpaint.self, Describe.self, Section.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Read filters, detectors and weights.")

        func run() throws {
            let settings = try Self.order(ProcessingSettings.self)
            ParentWatch.exitWhenParentDies()
            try printJSON(Equipment(checking: settings))
        }
    }

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Look at one file.")

        func run() throws {
            ProcessorLimit.end(afterSeconds: 20)
            let job = try Self.order(InspectJob.self)
            ParentWatch.exitWhenParentDies()
            MemoryWatch.exit(aboveMiB: ProcessingSettings.memoryAllowanceMiB) { reason in
                FileHandle.standardError.write(Data("lacuna: \(job.input): \(reason)\n".utf8))
            }
            do {
                try printJSON(Inspection(doing: job))
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    struct Describe: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Describe one output.")

        func run() throws {
            let output = try Self.order(String.self)
            try look(at: output) { try printJSON(OutputView(readingFrom: output).description()) }
        }
    }

    struct Section: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Draw a section through one output.")

        func run() throws {
            let order = try Self.order(SectionOrder.self)
            try look(at: order.output) {
                let picture = try OutputView(readingFrom: order.output).picture(of: order)
                try FileHandle.standardOutput.write(contentsOf: picture)
            }
        }
    }

    struct Inpaint: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Inpaint one scan.")

        @Option(
            help: ArgumentHelp(
                "The file to which events are added; by default they go to standard output.",
                discussion: "A job of a cluster gets one; it has no daemon at the other end of its standard input."))
        var eventsFile: String?

        func run() throws {
            var job = try Self.order(InpaintJob.self)
            let listener = try openListener()
            if eventsFile == nil {
                ParentWatch.exitWhenParentDies()
            } else if job.settings.threads == 0 {
                // All cores means all that Slurm grants.
                job.settings.threads = ProcessInfo.processInfo.environment["SLURM_CPUS_ON_NODE"].flatMap(Int.init) ?? 0
            }
            let input = job.input
            MemoryWatch.exit(
                aboveMiB: job.settings.memoryLimitMiB + ProcessingSettings.memoryAllowanceMiB
            ) { reason in
                WorkerEvent.failure(WorkerFailure(.internalFailure, "\(input): \(reason)")).send(to: listener)
            }
            Machine.keepFreedMemory()
            Machine.useCores(job.settings.threads)
            let cleanup = OutputCleanup(output: job.output)
            defer { cleanup.cancel() }
            do {
                WorkerEvent.report(try Self.inpaint(job, listener)).send(to: listener)
            } catch {
                let failure = CommandFailure(error)
                WorkerEvent.failure(WorkerFailure(failure.cause, failure.message)).send(to: listener)
                throw failure
            }
        }

        private static func inpaint(_ job: InpaintJob, _ listener: FileHandle) throws -> InpaintReport {
            let catalogue = try job.settings.detectorCatalogue()
            let scans = try job.scans(catalogue)
            guard let scan = scans.first, scans.count == 1 else {
                throw CommandFailure(.input, "\(job.input): expected one scan, found \(scans.count)")
            }
            let inpainter = try job.inpainter(
                of: scan, catalogue: catalogue, requester: .watch, replacing: job.replaces ? .own : .ownOfDaemon,
                version: version)
            return try inpainter.run { WorkerEvent.progress($0).send(to: listener) }
        }

        /// Where the daemon listens to this process.
        private func openListener() throws -> FileHandle {
            guard let eventsFile else { return .standardOutput }
            guard let file = FileHandle(forWritingAtPath: eventsFile) else {
                throw CommandFailure(.outputRefused, "\(eventsFile): is gone, so the daemon has given this work up")
            }
            try file.seekToEnd()
            WorkerEvent.progress(WorkProgress(stage: "start", done: 0, total: 0)).send(to: file)
            return file
        }
    }
}

extension ParsableCommand {
    /// Looks at an output for somebody who waits at the page, behind the scans that are in work.
    fileprivate func look(at output: String, _ look: () throws -> Void) throws {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        ProcessorLimit.end(afterSeconds: 60)
        ParentWatch.exitWhenParentDies()
        MemoryWatch.exit(aboveMiB: ProcessingSettings.memoryAllowanceMiB) { reason in
            FileHandle.standardError.write(Data("lacuna: \(output): \(reason)\n".utf8))
        }
        do {
            try look()
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Reads an order from standard input.
    static func order<Order: Decodable>(_: Order.Type) throws(CommandFailure) -> Order {
        let line = readLine() ?? ""
        do {
            return try JSONDecoder().decode(Order.self, from: Data(line.utf8))
        } catch {
            throw CommandFailure(.configuration, "expected an order of the daemon on standard input: \(error)")
        }
    }
}

/// Ends commands that would never end: damaged files can keep the HDF5 library busy for ever.
enum ProcessorLimit {
    /// Ends this process with the exit code of an unreadable input when it has used so much processor time.
    static func end(afterSeconds seconds: rlim_t) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        limit.rlim_cur = min(seconds, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
        signal(SIGXCPU) { _ in
            let message: StaticString = "lacuna: the look at the file does not end; it is damaged\n"
            write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
            _exit(FailureCause.input.exitCode)
        }
    }
}
