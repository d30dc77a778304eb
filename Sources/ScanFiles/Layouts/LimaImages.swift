internal import Detectors
internal import Foundation

/// What a file of the Lima detector server tells about the frames in it.
///
/// Lima creates the dataset in its full shape with the first frame and writes `end_time` when it closes the file.
struct LimaImages {
    /// The group beside the frames, e.g. `/entry_0000/ESRF-ID01/mpx1x4`.
    private let detector: LinkedGroup
    let fileName: String
    /// When Lima closed the file; `nil` while it is open.
    let endTime: String?
    let startTime: String?

    /// - Parameter dataset: The frames; `nil` comes back when they do not lie in a Lima file.
    init?(holding dataset: HDF5Dataset, walker: LinkWalker) {
        let names = dataset.path.split(separator: "/").map(String.init)
        guard names.count >= 3, names[0].hasPrefix("entry_"), let root = try? walker.root(of: dataset.file) else {
            return nil
        }
        let file = LinkedGroup(group: root, walker: walker)
        guard let entry = file.child(names[0]),
            let detector = file.child(names.dropLast().joined(separator: "/"))
        else { return nil }
        self.detector = detector
        fileName = URL(filePath: dataset.file.path).lastPathComponent
        endTime = entry.text("end_time")
        startTime = entry.text("start_time")
    }

    /// Frames of the whole acquisition, over all of its files.
    var framesAsked: Int? { detector.integer("acquisition/nb_frames") }

    var evidence: [DetectorEvidence] {
        let fields: [(DetectorEvidence.Source, String)] = [
            (.limaType, "type"), (.limaModel, "model"), (.limaName, "name"),
        ]
        return fields.compactMap { source, field in
            detector.text("detector_information/\(field)").map { DetectorEvidence(source: source, text: $0) }
        }
    }

    /// Binning, flip, rotation and region of interest, in Lima's order.
    var operations: ImageOperations {
        var operations = ImageOperations()
        guard let record = detector.child("image_operation") else { return operations }
        operations.columnBinning = max(1, record.integer("binning/x") ?? 1)
        operations.rowBinning = max(1, record.integer("binning/y") ?? 1)
        operations.flippedColumns = (record.integer("flipping/x") ?? 0) != 0
        operations.flippedRows = (record.integer("flipping/y") ?? 0) != 0
        // "None", "0", "90" or "Rotation_90".
        let digits = record.text("rotation").map { $0.filter(\.isNumber) } ?? ""
        operations.rotationDegrees = Int(digits).map { $0 % 360 } ?? 0
        operations.region = region(record, operations)
        return operations
    }

    /// The saved region; `nil` when it is the whole image, which Lima records as a region, too.
    private func region(_ record: LinkedGroup, _ operations: ImageOperations) -> ImageOperations.Region? {
        guard let rows = record.integer("region_of_interest/ysize"), rows > 0,
            let columns = record.integer("region_of_interest/xsize"), columns > 0
        else { return nil }
        let region = ImageOperations.Region(
            firstRow: record.integer("region_of_interest/ystart") ?? 0,
            firstColumn: record.integer("region_of_interest/xstart") ?? 0, rows: rows, columns: columns)
        var whole = (
            rows: (detector.integer("detector_information/max_image_size/ysize") ?? 0) / operations.rowBinning,
            columns: (detector.integer("detector_information/max_image_size/xsize") ?? 0) / operations.columnBinning
        )
        if operations.rotationDegrees % 180 != 0 { swap(&whole.rows, &whole.columns) }
        let isWhole =
            region.firstRow == 0 && region.firstColumn == 0 && region.rows == whole.rows
            && region.columns == whole.columns
        return isWhole ? nil : region
    }

    /// Fills in what the master file does not say.
    func complete(_ fields: inout DetectorFields) {
        fields.xPixelSize = fields.xPixelSize ?? positive("detector_information/pixel_size/xsize")
        fields.yPixelSize = fields.yPixelSize ?? positive("detector_information/pixel_size/ysize")
        // "Bpp16", "Bpp32S" …
        let type = detector.text("detector_information/image_lima_type") ?? ""
        fields.limaBitDepth = type.firstMatch(of: /^Bpp(\d+)/).flatMap { Int($0.1) }
    }

    private func positive(_ path: String) -> Double? {
        detector.number(path).flatMap { $0 > 0 ? $0 : nil }
    }
}
