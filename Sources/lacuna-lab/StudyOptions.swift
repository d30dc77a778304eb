public import Acquisition
public import ArgumentParser
import CommandSupport
import Conventions
import Detectors
public import Diffraction
import Foundation
internal import Inpainting
public import PublishedNetworks
import ScanFiles
import ScanProcessing
public import Studies
import Volume
public import WorkMessages

/// Where a study leaves its table and figures.
struct StudyOutput: ParsableArguments {
    @Option(help: ArgumentHelp("The directory to write into; it is made where it is missing.", valueName: "dir"))
    var output: String

    @Flag(help: "Print one JSON object: that of table.json.")
    var json = false

    /// Makes a study and writes what it leaves behind.
    ///
    /// - Parameter study: is given the directory, and a function to be told how far which stage has come.
    /// - Throws: ``CommandFailure``
    func write(
        _ study: (
            _ directory: String, _ progress: (_ stage: String, _ done: Int, _ total: Int) -> Void
        ) async throws -> some StudyDocument
    ) async throws {
        do {
            try await Gnuplot.requirePresence()
            let directory = try Self.directory(output)
            var bar = ProgressBar()
            defer { bar.clear() }
            let document = try await study(directory) { bar.show(stage: $0, done: $1, total: $2) }
            try await document.write(to: directory)
            bar.clear()
            if json {
                try printJSON(document)
            } else {
                let files = (["table.csv", "table.json"] + document.figures).map { "\(directory)/\($0)" }
                print((document.summary + files).joined(separator: "\n"))
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Makes a directory where it is missing, and returns its absolute path.
    static func directory(_ path: String) throws(CommandFailure) -> String {
        let path = absolutePath(path)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.outputRefused, "\(path): cannot be created: \(error.localizedDescription)")
        }
        return path
    }
}

/// The networks of a study, read when they are asked for.
struct StudyModels: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("The network's weights (default: those that ship).", valueName: "file"))
    var networkPath: String?

    @Option(
        name: .customLong("paper-model"),
        help: ArgumentHelp("The weights of the paper's network (default: those that ship).", valueName: "file"))
    var paperPath: String?

    @Option(help: "How much time the network takes.")
    var quality = FillQuality.standard

    var network: GapModel {
        get throws {
            try Self.read(networkPath.map(absolutePath) ?? ShippedFiles.model, option: "--model", GapModel.init)
        }
    }

    var paper: PaperModel {
        get throws {
            try Self.read(
                paperPath.map(absolutePath) ?? ShippedFiles.paperModel, option: "--paper-model", PaperModel.init)
        }
    }

    static func read<Model>(
        _ path: String?, option: String, _ model: (_ path: String) throws -> Model
    ) throws(CommandFailure) -> Model {
        guard let path else {
            throw CommandFailure(.configuration, "the network is not installed; \(option) names its weights")
        }
        do {
            return try model(path)
        } catch {
            throw CommandFailure(.configuration, "the network cannot be used: \(error)")
        }
    }
}

/// Which stack of a file is measured data for a study, and where its gaps are.
struct StackOptions: ParsableArguments {
    @Option(help: ArgumentHelp("One scan of a BLISS file.", valueName: "n"))
    var scan: Int?

    @Option(help: ArgumentHelp("The HDF5 path of the 3D stack.", valueName: "path"))
    var dataset: String?

    @Option(
        help: ArgumentHelp(
            "The detector, whose gaps are avoided: a name, auto or none (default: auto; none for .npz and .npy).",
            valueName: "name"))
    var detector: String?

    /// The same choice for another call of the program.
    var arguments: [String] {
        (scan.map { ["--scan", "\($0)"] } ?? []) + (dataset.map { ["--dataset", $0] } ?? [])
            + (detector.map { ["--detector", $0] } ?? [])
    }

    /// Reads the whole stack into memory; its gaps, and pixels that are invalid in any frame, are marked as unusable.
    func measuredStack(_ path: String, catalogue: CatalogueOptions) throws -> MeasuredStack {
        let file = try ScanFile.open(path, dataset: dataset, scan: scan)
        let scans = file.scans.filter { $0.stack != nil }
        guard let scan = scans.first, scans.count == 1 else {
            throw CommandFailure(
                .input, "\(path): expected one scan with images, found \(scans.count); choose by --scan")
        }
        let reader = try FrameReader(scan)
        let choice = choice(for: file.layout)
        let gaps = try ScanGaps(
            of: scan, frame: reader.shape.frame, elementType: reader.stack.elementType,
            choice: MaskChoice(detector: choice),
            catalogue: choice == .none ? DetectorCatalogue(directories: []) : catalogue.load())
        guard gaps.frameMask == nil else {
            throw CommandFailure(.input, "\(path): its mask differs from frame to frame, which studies cannot use")
        }
        var unusable = gaps.mask
        var counts = Volume<Float>(shape: reader.shape, repeating: 0)
        for frame in 0..<reader.shape.frames {
            var decoded = try reader.read(frames: frame..<frame + 1).decode(flagValues: gaps.flagValues)
            for (pixel, isInvalid) in decoded.invalid.enumerated() where isInvalid { unusable.storage[pixel] = true }
            counts.storage.replaceSubrange(counts.range(ofFrame: frame), with: decoded.takeVoxels())
        }
        return MeasuredStack(name: URL(filePath: path).lastPathComponent, counts: counts, unusable: unusable)
    }

    private func choice(for layout: ScanFile.Layout) -> MaskChoice.DetectorChoice {
        let isNumpy = [.npz, .npy].contains(layout)
        return switch detector ?? (isNumpy ? "none" : "auto") {
        case "auto": .auto
        case "none": .none
        case let name: .named(name)
        }
    }
}

/// A method that studies compare: those that fill scans, and the paper's network as their rival.
enum ComparedMethod: String, CaseIterable, ExpressibleByArgument {
    case network
    case kriging
    case linear
    case cubic
    case nearest
    case biharmonic
    case paper

    /// What fills windows by this method.
    ///
    /// - Throws: ``CommandFailure`` where the weights that it needs cannot be read.
    func studyMethod(_ models: StudyModels) throws -> StudyMethod {
        let filler: any GapFiller =
            switch self {
            case .network: try models.network.filler(quality: models.quality)
            case .kriging: Kriging()
            case .linear: Interpolation(.linear)
            case .cubic: Interpolation(.cubic)
            case .nearest: Interpolation(.nearest)
            case .biharmonic: Biharmonic()
            case .paper: PaperFiller(model: try models.paper)
            }
        return StudyMethod(rawValue, filler)
    }
}

/// Several values of an option in one argument, e.g. `linear,kriging`.
struct CommaSeparated<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
    var values: [Value]

    init(_ values: [Value]) {
        self.values = values
    }

    /// `nil` where one of the values cannot be understood.
    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        values = words.compactMap(Value.init(argument:))
        if values.count != words.count { return nil }
    }

    var defaultValueDescription: String { values.map(\.defaultValueDescription).joined(separator: ",") }
}

extension CommaSeparated where Value: Hashable {
    /// True where no value occurs twice.
    var areDistinct: Bool { Set(values).count == values.count }
}

extension StudyError: CausedError {
    public var cause: FailureCause {
        switch self {
        case .noWindow: .input
        case .gnuplotMissing: .configuration
        case .figureFailed, .trainingFailed: .internalFailure
        case .notWritable: .outputRefused
        }
    }
}

// The words that options take.

extension AcquisitionLayout: ExpressibleByArgument {}
extension CrystalFamily: ExpressibleByArgument {}
extension Metal: ExpressibleByArgument {}
extension FrameCompression: ExpressibleByArgument {}
extension PlanarNetwork: ExpressibleByArgument {}
extension SeamFill: ExpressibleByArgument {}
extension StudyName: ExpressibleByArgument {}
