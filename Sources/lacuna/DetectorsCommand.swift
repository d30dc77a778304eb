import ArgumentParser
import CommandSupport
import Detectors
import Foundation
import Volume
import WorkMessages

struct DetectorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detectors", abstract: "List the known detectors with shape, pixel size and gaps.")

    @OptionGroup var catalogue: CatalogueOptions
    @Flag(help: "Print one JSON object: what is in force for each detector and from which file.")
    var json = false

    func run() throws {
        let detectors = try catalogue.load().detectors
        if json {
            try printJSON(["detectors": detectors.map(DetectorListing.init)])
            return
        }
        for detector in detectors {
            let listing = DetectorListing(detector)
            let pixel = "\(Int((detector.pixelSizeMetres.fast * 1e6).rounded())) um"
            let gaps =
                (listing.gaps.rows.map { "rows \($0[0]):\($0[1])" }
                + listing.gaps.columns.map { "columns \($0[0]):\($0[1])" }).joined(separator: ", ")
            let name = detector.name.padding(toLength: 24, withPad: " ", startingAt: 0)
            let shape = "\(detector.shape)".padding(toLength: 11, withPad: " ", startingAt: 0)
            let blocks = listing.blocks > 0 ? ", \(listing.blocks) blocks" : ""
            let hasNone = listing.gaps_known ? "no gaps (one module)" : "gaps unknown"
            let words = listing.masked_pixels == 0 ? hasNone : (gaps.isEmpty ? "no whole lines" : gaps) + blocks
            print("\(name) \(shape) \(pixel)  \(words)\(detector.isEnabled ? "" : "; switched off")")
        }
    }
}

/// One detector as `lacuna detectors --json` shows it.
private struct DetectorListing: Encodable {
    struct Gaps: Encodable {
        /// Half-open ranges.
        var rows: [[Int]]
        var columns: [[Int]]
    }

    struct Processing: Encodable {
        var method: String?
        var fine_tune: String?
        var fine_tune_above_misfit: Double?
        var max_gap_pixels: Int?
        var model: String?
        var edge_pixels: String?
        var saturated: String?
        var photon_value: Double?
    }

    var name: String
    var description: String
    var names: [String]
    /// Rows, columns.
    var shape: [Int]
    /// Metres along (slow, fast).
    var pixel_size: [Double]
    var gaps: Gaps
    /// False where the description says nothing of gaps; a single module has none.
    var gaps_known: Bool
    var masked_pixels: Int
    /// Masked rectangles, single pixels included, that are no whole rows or columns.
    var blocks: Int
    var saturation: Double?
    var enabled: Bool
    var processing: Processing
    var files: [String]

    init(_ detector: Detector) {
        name = detector.name
        description = detector.description
        names = detector.names
        shape = [detector.shape.rows, detector.shape.columns]
        pixel_size = [detector.pixelSizeMetres.slow, detector.pixelSizeMetres.fast]
        let mask = detector.defaultMask
        let bands = mask.bands
        gaps = Gaps(
            rows: bands.filter { $0.axis == .row }.map { [$0.range.lowerBound, $0.range.upperBound] },
            columns: bands.filter { $0.axis == .column }.map { [$0.range.lowerBound, $0.range.upperBound] })
        masked_pixels = mask.maskedCount
        gaps_known = detector.modules != nil || masked_pixels > 0
        blocks = detector.bare.blocks.count + detector.edges.blocks.count + detector.bad.blocks.count
        saturation = detector.saturation
        enabled = detector.isEnabled
        let overrides = detector.processing
        processing = Processing(
            method: overrides.method?.rawValue, fine_tune: overrides.fineTune?.rawValue,
            fine_tune_above_misfit: overrides.fineTuneAboveMisfit, max_gap_pixels: overrides.maximumGapPixels,
            model: overrides.model, edge_pixels: overrides.edgePixels?.rawValue,
            saturated: overrides.saturated?.rawValue, photon_value: overrides.photonValue)
        files = detector.sources
    }
}
