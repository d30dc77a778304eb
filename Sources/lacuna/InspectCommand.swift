import ArgumentParser
import Beamline
import CommandSupport
import Detectors
import Foundation
import ScanFiles
import ScanProcessing
import WorkMessages

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what is recognised in a file.",
        discussion: "Layout, scans, detector with its evidence, dataset, filters, completeness and gaps.")

    @Argument(
        help: ArgumentHelp(
            "A BLISS, Lima, NeXus or CXI file, a .npz, a .npy, or frames in EDF or TIFF files: their directory, one of them, or the name of the series."
        ))
    var input: String

    @Option(
        help: ArgumentHelp(
            "One scan of a BLISS file, as `lacuna inpaint --scan` takes it (default: all).", valueName: "n"),
        transform: { text throws in
            guard let selection = ScanSelection(text) else {
                throw ValidationError("expected a scan such as 12 or 12.1, found “\(text)”")
            }
            return selection
        })
    var scan: ScanSelection?
    @Option(help: ArgumentHelp("The HDF5 path of the 3D stack.", valueName: "path"))
    var dataset: String?
    @Option(help: ArgumentHelp("The detector: a name, auto or none.", valueName: "name"))
    var detector: String = "auto"
    @OptionGroup var reading: ReadingOptions

    @OptionGroup var catalogue: CatalogueOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        ProcessorLimit.end(afterSeconds: 20)
        do {
            let descriptions = try catalogue.load()
            let file = try ScanFile.open(
                absolutePath(input), dataset: dataset, selection: scan, threshold: reading.threshold,
                series: reading.series, profile: reading.settings.profileChoice())
            let choice = MaskChoice(
                detector: try MaskChoice.DetectorChoice(named: detector, of: descriptions))
            let inspection = Inspection(of: file, choice: choice, catalogue: descriptions)
            if json { try printJSON(inspection) } else { inspection.show() }
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension Inspection {
    /// Prints the findings for a person.
    fileprivate func show() {
        print("\(input): \(layout)")
        if let notAScan { print("  \(notAScan)") }
        for scan in scans { scan.show() }
    }
}

extension InspectedScan {
    fileprivate func show() {
        print("\n\(scan.map { "scan \($0), " } ?? "")entry \(entry)")
        line("profile", profile)
        line("title", title)
        line("started", startTime)
        line("ended", endTime)
        line(
            "frames", dataset.map { "\($0) (\((shape ?? []).map(String.init).joined(separator: "x")) \(dtype ?? ""))" })
        line("filters", filters.isEmpty ? nil : filters.joined(separator: ", "))
        line("sources", sources.isEmpty ? nil : Self.list(sources))
        line("detector", detector.map { "\($0.name)\($0.isEnabled ? "" : " (switched off)")" })
        for evidence in detector?.evidence ?? [] { line("", evidence) }
        if let completeness {
            line("complete", completeness.state.rawValue)
            for evidence in completeness.evidence { line("", evidence) }
        }
        for gap in gaps { line("gap", "\(gap.axis)s \(gap.start):\(gap.stop) (\(gap.width) px)") }
        for remark in remarks { line("remark", remark) }
        line("problem", problem?.message)
    }

    /// A few of many files.
    private static func list(_ files: [String]) -> String {
        guard files.count > 12 else { return files.joined(separator: ", ") }
        return "\(files.count) files from \(files[0]) to \(files[files.count - 1])"
    }

    private func line(_ name: String, _ text: String?) {
        guard let text else { return }
        print("  \(name.padding(toLength: 10, withPad: " ", startingAt: 0)) \(text)")
    }
}
