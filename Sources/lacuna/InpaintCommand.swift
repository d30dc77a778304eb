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

    /// Refuses a name that would make other programs, and people, take the output for what it is not.
    ///
    /// - Throws: ``CommandFailure`` for an ending that no HDF5 file has; a name without one says nothing wrong.
    func requireEnding(of output: String) throws(CommandFailure) {
        let ending = URL(filePath: output).pathExtension
        guard !ending.isEmpty, !FileNames.endingsOfHDF5.contains(ending.lowercased()) else { return }
        let known = FileNames.endingsOfHDF5.map { "." + $0 }.joined(separator: ", ")
        let expected = self == .pynx ? "\(known) or .npz" : "\(known); .npz needs --format pynx"
        throw CommandFailure(
            .configuration,
            "--output: the output is NeXus (HDF5): expected a name ending in \(expected), found \(output)")
    }
}

struct InpaintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inpaint",
        abstract: "Fill the gaps of one file's scans by hand, by the same code as the daemon.",
        discussion: """
            Writes <stem>_inpainted.h5, or <stem>_scan<NNNN>_inpainted.h5 for a BLISS scan, beside the input. A measured \
            voxel is never changed.
            """)

    @Argument(
        help: ArgumentHelp(
            "A BLISS dataset file or master, a Lima, NeXus or CXI file, a .npz with `data`, a .npy, or frames in EDF or TIFF files: their directory, one of them, or the name of the series, e.g. crystal_12_#.edf.gz."
        ))
    var input: String

    @Option(help: ArgumentHelp("The output file; for a file with several scans, give --scan too.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "One scan of a BLISS file: 12, 12.2, an entry's name, or 12.1/instrument/<detector> (default: all).",
            valueName: "n"),
        transform: { text throws in
            guard ScanSelection(text) != nil else {
                throw ValidationError("expected a scan such as 12 or 12.1, found “\(text)”")
            }
            return text
        })
    var scan: String?

    @Option(help: ArgumentHelp("The HDF5 path of the 3D stack.", valueName: "path"))
    var dataset: String?

    @OptionGroup var reading: ReadingOptions

    @Option(help: ArgumentHelp("The detector: a name, auto or none.", valueName: "name"))
    var detector: String = "auto"

    @Option(
        help: ArgumentHelp(
            "A 2D or 3D mask (NumPy, HDF5, PNG, TIFF, EDF), non-zero = fill; replaces the detector's, or joins it with --detector.",
            valueName: "file[::path]"))
    var mask: String?

    @OptionGroup var processing: ProcessingOptions
    @OptionGroup var catalogue: CatalogueOptions

    @Option(help: "pynx also writes <output>.npz, in which PyNX can tell estimates from measurements.")
    var format = OutputFormat.nexus

    @Option(help: "How voxels are stored; none is for programs that map the output into their memory.")
    var compression = OutputCompression.gzip

    @Flag(help: "Replace this scan's output, or that of another scan which --output names; never another file.")
    var overwrite = false
    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(
        help: ArgumentHelp(
            "For programs that run this one: progress as lines of JSON on standard error.",
            discussion: "The command ends, and removes what it began, when its standard input is closed."))
    var piped = false

    func run() throws {
        Machine.keepFreedMemory()
        Machine.useCores(processing.threads)
        do {
            let reports = try inpaintAll()
            if json {
                if reports.count == 1 { try printJSON(reports[0]) } else { try printJSON(["scans": reports]) }
            } else {
                for report in reports {
                    print(report.line)
                    if let picture = report.picture { print("  picture: \(picture.onOneLine)") }
                }
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// What the options ask for; a job of the daemon but for the output, which each scan has of its own.
    private var job: InpaintJob {
        var job = InpaintJob(
            input: absolutePath(input), scan: nil, entry: scan, output: "", settings: processing.settings(for: nil))
        reading.apply(to: &job.settings)
        job.dataset = dataset
        job.detector = detector
        job.mask = mask
        return job
    }

    private func inpaintAll() throws -> [InpaintReport] {
        let descriptions = try catalogue.load()
        let scans = try job.scans(descriptions)
        guard output == nil || scans.count == 1 else {
            throw CommandFailure(.configuration, "\(job.input) holds \(scans.count) scans: --output needs --scan")
        }
        return try scans.map { scan in
            var job = job
            job.output = namedOutput ?? defaultOutput(of: scan)
            return try inpaint(scan, job, catalogue: descriptions)
        }
    }

    private func inpaint(_ scan: Scan, _ job: InpaintJob, catalogue: DetectorCatalogue) throws -> InpaintReport {
        if let problem = scan.problem { throw problem }
        let target = job.output
        guard overwrite || output == nil || !FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure(.outputRefused, "\(target): is there already; --overwrite replaces it")
        }
        var inpainter = try job.inpainter(
            of: scan, catalogue: catalogue, requester: .hand, replacing: permission, version: version,
            settings: processing.settings)
        inpainter.compression = compression
        try format.requireEnding(of: target)
        let archive =
            try format == .pynx ? PyNXArchive.Claim(Self.path(target, ending: "npz"), overwrite: overwrite) : nil

        let cleanup = OutputCleanup(output: target)
        defer { cleanup.cancel() }
        if piped { ParentWatch.exitWhenParentDies { OutputName.removeTemporaries(of: target) } }
        var bar = ProgressBar()
        defer { bar.clear() }
        var report = try inpainter.run { progress in
            if piped {
                WorkerEvent.progress(progress).send(to: .standardError)
            } else {
                bar.show(stage: progress.stage, done: progress.done, total: progress.total)
            }
        }
        if let archive {
            let (clock, start) = (ContinuousClock(), ContinuousClock.now)
            try PyNXArchive.write(target, to: archive)
            let seconds = (clock.now - start) / .seconds(1)
            report.seconds.write += seconds
            report.seconds.total += seconds
        }
        return report
    }

    /// What --output says; an archive for PyNX lies beside the NeXus file that it is made of.
    private var namedOutput: String? {
        guard let path = output.map(absolutePath) else { return nil }
        return format == .pynx && path.lowercased().hasSuffix(".npz") ? Self.path(path, ending: "h5") : path
    }

    private static func path(_ path: String, ending: String) -> String {
        URL(filePath: path).deletingPathExtension().path(percentEncoded: false) + "." + ending
    }

    /// Beside the input, under a name that no other scan's output has.
    private func defaultOutput(of scan: Scan) -> String {
        let own = OutputProvenance(of: scan, dataset: scan.stack?.dataset ?? "", requester: .hand)
        return OutputName.path(
            input: scan.input, label: scan.label, isTaken: { OutputProvenance.isOfAnotherScan($0, than: own) })
    }

    /// What may lie under the output's name: one that was named by hand is replaced on demand, whatever scan it is of.
    private var permission: OutputClaim.Permission {
        overwrite ? output == nil ? .own : .anyOutput : .nothing
    }
}

extension InpaintReport {
    /// What was done, for a person.
    fileprivate var line: String {
        let pcc = quality.pcc.map { String(format: ", PCC %.3f over all gaps", $0) } ?? ""
        let misfit = quality.misfit.map { String(format: ", misfit %.2f", $0) } ?? ""
        // Each figure is a correlation over its own voxels, so that the one over all is no mean of the others.
        let each = (gaps ?? []).isEmpty ? [] : ["each gap by itself:"]
        let notes = (each + (gaps ?? []).map { "  " + $0.line } + remarks).map { "\n  \($0)" }.joined()
        return
            "\(output.onOneLine): \(filledVoxels) voxels filled (\(method), \(detector ?? "no detector")\(pcc)\(misfit), "
            + String(format: "%.1f s)", seconds.total) + notes
    }
}

extension MaskChoice.DetectorChoice {
    /// - Throws: ``CommandFailure`` for a name that no detector has.
    init(named name: String, of catalogue: DetectorCatalogue) throws(CommandFailure) {
        switch name {
        case "auto": self = .auto
        case "none": self = .none
        case _ where catalogue[name] != nil: self = .named(name)
        default:
            throw CommandFailure(
                .configuration, "--detector: no detector is called “\(name)”; see `lacuna detectors`")
        }
    }
}

/// Removes what is half-written when the program is told to end.
final class OutputCleanup {
    private let sources: [any DispatchSourceSignal]

    init(output: String) {
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                OutputName.removeTemporaries(of: output)
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
