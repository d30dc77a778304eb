import Acquisition
import ArgumentParser
import CommandSupport
import Detectors
import Diffraction
import Foundation
import Volume
import WorkMessages

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Write a realistic scan with known truth, as an acquisition does.",
        discussion: "Beside the scan, truth.h5 holds /noise_free (expected counts) and /counts (noisy, without gaps).")

    @Option(help: ArgumentHelp("The directory to write into.", valueName: "dir"))
    var output: String

    @Option(help: "How the files are laid out.")
    var layout = AcquisitionLayout.bliss

    @Option(help: ArgumentHelp("A known detector; its gaps cut the fringes.", valueName: "name"))
    var detector = "mpx1x4"

    @Option(help: ArgumentHelp("Number of frames.", valueName: "n"))
    var frames = 201

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Save only this many rows and columns around the peak.", valueName: "rows columns"))
    var roi: [Int] = []

    @Option(help: "The crystal.")
    var crystal = CrystalFamily.wulff

    @Option(
        help: ArgumentHelp(
            "Make the crystal of this metal's atoms, relaxed by a tight-binding potential, and sum over all of them.",
            valueName: "metal"))
    var atoms: Metal?

    @Option(
        help: ArgumentHelp(
            "With --atoms: the crystal's longest edge (default: the smallest that keeps other Bragg peaks away).",
            valueName: "nanometres"))
    var size: Double?

    @Option(help: ArgumentHelp("Pixels per fringe.", valueName: "x"))
    var oversampling = 5.0

    @Option(help: ArgumentHelp("Counts at the peak.", valueName: "peak"))
    var counts = 1e5

    @Option(
        help: ArgumentHelp(
            "Range of the strain phase in the crystal; with --atoms, of a distortion beside their relaxation.",
            valueName: "radians"))
    var strain = 1.5

    @Option(help: "How the frames are compressed.")
    var compression = FrameCompression.none

    @Option(help: ArgumentHelp("The same seed gives the same scan.", valueName: "s"))
    var seed: UInt64 = 0

    @Option(help: "What a chip assembly writes into its seams.")
    var seam = SeamFill.raw

    @Option(help: ArgumentHelp("Write frame by frame over this time, end marker last.", valueName: "seconds"))
    var live: Double?

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "Place this measured stack without gaps behind the detector instead of a crystal.", valueName: "file"))
    var measured: String?

    @Option(help: ArgumentHelp("The dataset's name; a further scan goes into the same file.", valueName: "name"))
    var dataset = "0001"

    @Option(help: ArgumentHelp("Stop as an operator would, after this many frames.", valueName: "n"))
    var abortAfter: Int?

    @Option(help: ArgumentHelp("Die as an acquisition might, after this many frames.", valueName: "n"))
    var crashAfter: Int?

    @Flag(help: "Leave truth.h5 out.")
    var noTruth = false

    @OptionGroup var catalogue: CatalogueOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard roi.isEmpty || roi.count == 2 else { throw ValidationError("--roi takes rows and columns") }
        guard abortAfter == nil || crashAfter == nil else {
            throw ValidationError("--abort-after and --crash-after exclude each other")
        }
        guard atoms != nil || size == nil else { throw ValidationError("--size is that of --atoms: name the metal") }
        guard atoms == nil || measured == nil else { throw ValidationError("--atoms and --from exclude each other") }
    }

    func run() throws {
        do {
            let recipe = try recipe()
            var bar = ProgressBar()
            let scan = try recipe.run { written, frames in bar.show(stage: "simulate", done: written, total: frames) }
            bar.clear()
            if json {
                try printJSON(Listing(scan))
            } else {
                print("\(scan.scanFile): \(scan.framesWritten) of \(scan.shape)")
            }
        } catch let error as RecipeError {
            throw CommandFailure(.configuration, error.problem)
        } catch {
            throw CommandFailure(error)
        }
    }

    private func recipe() throws -> SimulationRecipe {
        guard let description = try catalogue.load()[detector] else {
            throw CommandFailure(.configuration, "no detector is called “\(detector)”; see `lacuna detectors`")
        }
        var recipe = SimulationRecipe(directory: absolutePath(output), detector: description)
        recipe.detectorName = detector
        recipe.layout = layout
        recipe.compression = compression
        recipe.region = roi.count == 2 ? FrameShape(rows: roi[0], columns: roi[1]) : nil
        recipe.seam = seam
        recipe.frames = frames
        recipe.crystal = crystal
        recipe.atoms = atoms.map { AtomicModel($0, size: size) }
        recipe.oversampling = oversampling
        recipe.peakCounts = counts
        recipe.strain = strain
        recipe.seed = seed
        recipe.liveSeconds = live
        recipe.dataset = dataset
        recipe.interruption = abortAfter.map { .abort(afterFrames: $0) } ?? crashAfter.map { .crash(afterFrames: $0) }
        recipe.writesTruth = !noTruth
        recipe.version = version
        if let measured {
            recipe.measuredFrom = measured
            recipe.measured = try Volume<UInt32>(countsFrom: absolutePath(measured))
        }
        return recipe
    }

    private struct Listing: Encodable {
        var scan_file: String
        var scan: Int?
        var frame_files: [String]
        var truth: String?
        var shape: [Int]
        var frames_written: Int
        /// Row and column of the Bragg peak in the saved frame.
        var peak: [Int]

        init(_ scan: SimulatedScan) {
            scan_file = scan.scanFile
            self.scan = scan.scanNumber
            frame_files = scan.frameFiles
            truth = scan.truthFile
            shape = scan.shape.extents
            frames_written = scan.framesWritten
            peak = [scan.peakRow, scan.peakColumn]
        }
    }
}
