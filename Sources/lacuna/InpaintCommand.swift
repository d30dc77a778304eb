import ArgumentParser
import Beamline
import CommandSupport
import Conventions
import Detectors
import Foundation
import ScanFiles
import ScanProcessing
import Volume
import WorkMessages

/// What is written of a filled scan.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case nexus, pynx
}

struct InpaintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inpaint",
        abstract: "Fill the gaps of one file's scans by hand, by the same code as the daemon.",
        discussion: """
            Writes <stem>_inpainted.h5, or <stem>_scan<NNNN>_inpainted.h5 for a BLISS scan, beside the input. A measured \
            voxel is never changed.
            """)

    @Argument(help: "A BLISS dataset file or master, a Lima, NeXus or CXI file, a .npz with `data`, or a .npy.")
    var input: String

    @Option(help: ArgumentHelp("The output file; for a file with several scans, give --scan too.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "One scan of a BLISS file: 12, 12.2, an entry's name, or 12.1/instrument/<detector> (default: all).",
            valueName: "n"),
        transform: { text throws in
            guard let selection = ScanSelection(text) else {
                throw ValidationError("expected a scan such as 12 or 12.1, found “\(text)”")
            }
            return selection
        })
    var scan: ScanSelection?

    @Option(help: ArgumentHelp("The HDF5 path of the 3D stack.", valueName: "path"))
    var dataset: String?

    @Option(help: ArgumentHelp("Which threshold's images are taken, from 1 (default: the first).", valueName: "n"))
    var threshold: Int?

    @Option(help: ArgumentHelp("The detector: a name, auto or none.", valueName: "name"))
    var detector: String = "auto"

    @Option(
        help: ArgumentHelp(
            "A 2D or 3D mask, non-zero = fill; replaces the detector's, or joins it with --detector.",
            valueName: "file[::path]"))
    var mask: String?

    @OptionGroup var processing: ProcessingOptions
    @OptionGroup var catalogue: CatalogueOptions

    @Option(help: "pynx also writes <output>.npz, in which PyNX can tell estimates from measurements.")
    var format = OutputFormat.nexus

    @Option(help: "How voxels are stored; none is for programs that map the output into their memory.")
    var compression = OutputCompression.gzip

    @Flag(help: "Replace this scan's output, or whatever --output names.")
    var overwrite = false
    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(
        help: ArgumentHelp(
            "For programs that run this one: progress as lines of JSON on standard error.",
            discussion: "The command ends, and removes what it began, when its standard input is closed."))
    var piped = false

    @Option(name: .customLong("detectors-allowed"), help: .hidden)
    var allowedDetectors: [String] = []
    @Flag(help: .hidden)
    var events = false
    @Option(name: .customLong("events-file"), help: .hidden)
    var eventsFile: String?

    func run() throws {
        let listener = try daemonsEar()
        if let listener { beSupervised(by: listener) }
        Machine.keepFreedMemory()
        Machine.useCores(processing.threads)
        do {
            let reports = try inpaintAll(listener)
            if let listener {
                reports.forEach { WorkerEvent.report($0).send(to: listener) }
            } else if json {
                if reports.count == 1 { try printJSON(reports[0]) } else { try printJSON(["scans": reports]) }
            } else {
                reports.forEach { print($0.line) }
            }
        } catch {
            let failure = CommandFailure(error)
            if let listener {
                WorkerEvent.failure(WorkerFailure(failure.cause, failure.message)).send(to: listener)
            }
            throw failure
        }
    }

    /// Where the daemon listens to this process; `nil` where a person started it.
    private func daemonsEar() throws -> FileHandle? {
        guard let eventsFile else { return events ? .standardOutput : nil }
        guard let file = FileHandle(forWritingAtPath: eventsFile) else {
            throw CommandFailure(.outputRefused, "\(eventsFile): is gone, so the daemon has given this work up")
        }
        try file.seekToEnd()
        WorkerEvent.progress(WorkProgress(stage: "start", done: 0, total: 0)).send(to: file)
        return file
    }

    /// Ends this process when the daemon that started it dies, or too much memory is taken.
    private func beSupervised(by listener: FileHandle) {
        if events { ParentWatch.exitWhenParentDies() }
        let input = input
        MemoryWatch.exit(aboveMiB: processing.memoryLimitMiB + ProcessingSettings.memoryAllowanceMiB) { reason in
            WorkerEvent.failure(WorkerFailure(.internalFailure, "\(input): \(reason)")).send(to: listener)
        }
    }

    private func inpaintAll(_ listener: FileHandle?) throws -> [InpaintReport] {
        let path = absolutePath(input)
        let descriptions = try catalogue.load()
        guard ["auto", "none"].contains(detector) || descriptions[detector] != nil else {
            throw CommandFailure(
                .configuration, "--detector: no detector is called “\(detector)”; see `lacuna detectors`")
        }
        let file = try ScanFile.open(path, dataset: dataset, selection: scan, threshold: threshold)
            .takingKnownDetectors(MaskChoice(detector: detectorChoice), descriptions)
        let scans = try file.scansToInpaint()
        guard output == nil || scans.count == 1 else {
            throw CommandFailure(.configuration, "\(path) holds \(scans.count) scans: --output needs --scan")
        }
        return try scans.map { try inpaint($0, of: path, catalogue: descriptions, listener) }
    }

    private func inpaint(
        _ scan: Scan, of path: String, catalogue: DetectorCatalogue, _ listener: FileHandle?
    ) throws -> InpaintReport {
        if let problem = scan.problem { throw problem }
        guard let stack = scan.stack else {
            throw CommandFailure(.input, "\(path): \(scan.entry): holds no stack of images")
        }
        let target = output.map(absolutePath) ?? defaultOutput(of: scan, in: path, dataset: stack.dataset)
        guard overwrite || listener != nil || output == nil || !FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure(.outputRefused, "\(target): is there already; --overwrite replaces it")
        }
        let gaps = try ScanGaps(
            of: scan, frame: stack.shape.frame, elementType: stack.elementType, choice: try maskChoice(for: stack),
            catalogue: catalogue)
        guard gaps.mask.storage.contains(true) || gaps.frameMask != nil || gaps.recognition != nil else {
            throw CommandFailure(.input, "\(path): nothing to fill: no detector and no mask")
        }
        var inpainter = try ScanInpainter(
            scan: scan, gaps: gaps,
            settings: processing.settings(for: gaps.detector, areConfiguration: listener != nil),
            fillers: .installed, output: target, requester: listener == nil ? .hand : .watch,
            replacing: permission(listener), version: version)
        inpainter.compression = compression

        let cleanup = OutputCleanup(output: target)
        defer { cleanup.cancel() }
        if piped { ParentWatch.exitWhenParentDies { OutputName.removeTemporaries(of: target) } }
        var bar = ProgressBar()
        defer { bar.clear() }
        let report = try inpainter.run { progress in
            if let listener {
                WorkerEvent.progress(progress).send(to: listener)
            } else if piped {
                WorkerEvent.progress(progress).send(to: .standardError)
            } else {
                bar.show(stage: progress.stage, done: progress.done, total: progress.total)
            }
        }
        if format == .pynx {
            let stem = URL(filePath: target).deletingPathExtension().path(percentEncoded: false)
            try PyNXArchive.write(target, to: stem + ".npz", overwrite: overwrite)
        }
        return report
    }

    private var detectorChoice: MaskChoice.DetectorChoice {
        switch detector {
        case "auto": .auto
        case "none": .none
        default: .named(detector)
        }
    }

    /// Beside the input, under a name that no other scan's output has.
    private func defaultOutput(of scan: Scan, in path: String, dataset: String) -> String {
        let own = OutputProvenance(of: scan, dataset: dataset, requester: .hand)
        return OutputName.path(
            input: path, label: scan.label, isTaken: { OutputProvenance.isOfAnotherScan($0, than: own) })
    }

    /// What may lie under the output's name: a file that was named by hand is replaced on demand, whatever it is.
    private func permission(_ listener: FileHandle?) -> OutputClaim.Permission {
        if listener != nil { return .ownOfDaemon }
        return overwrite ? output == nil ? .own : .anything : .nothing
    }

    private func maskChoice(for stack: FrameStack) throws -> MaskChoice {
        let recorded = try mask.map { try RecordedMask.open($0, for: stack.shape) }
        return MaskChoice(
            detector: detectorChoice, mask: recorded,
            allowedDetectors: allowedDetectors.isEmpty ? nil : allowedDetectors)
    }
}

extension InpaintReport {
    /// What was done, for a person.
    fileprivate var line: String {
        let pcc = quality.pcc.map { String(format: ", PCC %.3f", $0) } ?? ""
        let notes = remarks.map { "\n  \($0)" }.joined()
        return "\(output.onOneLine): \(filledVoxels) voxels filled (\(method), \(detector ?? "no detector")\(pcc), "
            + String(format: "%.1f s)", seconds.total) + notes
    }
}
