import ArgumentParser
import Beamline
import CommandSupport
import Detectors
import Foundation
import ScanFiles
import ScanProcessing
import Volume
import WorkMessages

struct MaskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mask",
        abstract: "Write the gap mask of a detector, or of a file's detector (1 = gap).")

    @Argument(help: "A detector's name, or a scan file.")
    var subject: String

    @Option(help: ArgumentHelp("A .npy (uint8), .h5, .png or .tif file.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("One scan of a BLISS file.", valueName: "n"))
    var scan: Int?

    @Flag(help: "Leave the enlarged pixels beside the gaps out (for a detector's name only).")
    var bare = false

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var catalogue: CatalogueOptions

    func run() throws {
        do {
            let mask = try findMask()
            let path = absolutePath(output)
            guard let format = MaskFileFormat(path: path) else {
                throw CommandFailure(
                    .configuration, "--output: expected a name ending in .npy, .h5, .png or .tif, found \(output)")
            }
            try format.write(mask, to: path)
            print("\(path): \(mask.maskedCount) of \(mask.shape.count) pixels masked (\(mask.shape))")
        } catch {
            throw CommandFailure(error)
        }
    }

    private func findMask() throws -> PixelMask {
        let descriptions = try catalogue.load()
        if let detector = descriptions[subject] { return detector.mask(bare ? .bare : detector.defaultForm) }
        let path = absolutePath(subject)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.input, "\(subject): neither a known detector nor a file")
        }
        let scans = try ScanFile.open(
            path, selection: scan.map(ScanSelection.init(number:)), threshold: reading.threshold,
            series: reading.series, profile: reading.settings.profileChoice()
        )
        .takingKnownDetectors(MaskChoice(), descriptions).scans
        guard let scan = scans.first(where: { $0.stack != nil }), let stack = scan.stack else {
            throw CommandFailure(.input, "\(path): holds no scan with images")
        }
        return try ScanGaps(
            of: scan, frame: stack.shape.frame, elementType: stack.elementType, choice: MaskChoice(),
            catalogue: descriptions
        ).mask
    }
}
