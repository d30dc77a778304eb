import ArgumentParser
import CommandSupport
import Detectors
import Foundation
import ScanFiles
import ScanProcessing
import Studies
import Volume
import WorkMessages

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
