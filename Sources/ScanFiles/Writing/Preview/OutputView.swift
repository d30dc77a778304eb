internal import CPNG
internal import Foundation
public import WorkMessages

/// Sections through an output file as pictures, one pixel for each voxel, as the daemon's page shows them.
public struct OutputView: Sendable {
    private let path: String
    private let file: HDF5File
    private let volume: StoredVolume

    /// Sections along the frames look at no more voxels than this: some seconds of decompressing.
    private static let mostVoxels = 1 << 30

    /// - Parameters:
    ///   - path: a file that ``InpaintedFileWriter`` wrote.
    ///   - threads: how many threads decompress; 0 stands for all processors.
    public init(readingFrom path: String, threads: Int = 0) throws(ScanFileError) {
        self.path = path
        file = try HDF5File(readingFrom: path)
        do throws(HDF5Failure) {
            volume = try StoredVolume(file, threads: threads)
        } catch {
            throw ScanFileError(path: path, problem: "cannot be shown: \(error)")
        }
    }

    /// What the page must know to ask for sections.
    public func description() throws(ScanFileError) -> OutputDescription {
        try naming { () throws(HDF5Failure) in
            let peak = try volume.peak()
            let root = LinkedGroup(group: try file.root, walker: LinkWalker())
            return OutputDescription(
                frames: volume.frames, rows: volume.rows, columns: volume.columns,
                peak: OutputDescription.Place(frame: peak.frame, row: peak.row, column: peak.column),
                maximum: try volume.voxels(ofFrame: peak.frame).maximum, frameStep: frameStep, gaps: Self.gaps(root))
        }
    }

    /// Draws a section as a PNG picture.
    ///
    /// - Throws: ``ScanFileError``, also where the output has no such section.
    public func picture(of order: SectionOrder) throws(ScanFileError) -> [UInt8] {
        let limit = [.frame: volume.frames, .row: volume.rows, .column: volume.columns][order.axis] ?? 0
        guard (0..<limit).contains(order.index) else {
            throw ScanFileError(
                path: path, problem: "has no \(order.axis.rawValue) \(order.index), only 0 to \(limit - 1)")
        }
        guard let picture = try naming({ () throws(HDF5Failure) in try draw(order) }).png() else {
            throw ScanFileError(path: path, problem: "the picture does not fit into memory")
        }
        return picture
    }

    func draw(_ order: SectionOrder) throws(HDF5Failure) -> IndexedPicture {
        let (rows, columns) = (volume.rows, volume.columns)
        let pixels: [Int] =
            switch order.axis {
            case .frame: Array(0..<rows * columns)
            case .row: Array(order.index * columns..<(order.index + 1) * columns)
            case .column: Array(stride(from: order.index, to: rows * columns, by: columns))
            }
        let frames = order.axis == .frame ? [order.index] : Array(stride(from: 0, to: volume.frames, by: frameStep))
        let palette = SectionPalette(layer: order.layer, maximum: Float(order.maximum))
        let lines = try volume.mapFrames(frames) { frame throws(HDF5Failure) in
            let voxels = try volume.voxels(ofFrame: frame)
            let errors = order.layer == .uncertainty ? try volume.uncertainties(ofFrame: frame) : nil
            return pixels.map { palette.index(voxels, pixel: $0, uncertainty: errors?[$0]) }
        }
        return switch order.axis {
        case .frame: IndexedPicture(rows: rows, columns: columns, indices: lines[0], palette: palette.colours)
        case .row:
            IndexedPicture(
                rows: frames.count, columns: columns, indices: lines.flatMap { $0 }, palette: palette.colours)
        case .column:
            IndexedPicture(
                rows: rows, columns: frames.count,
                indices: (0..<rows).flatMap { row in lines.map { $0[row] } }, palette: palette.colours)
        }
    }

    private var frameStep: Int {
        max(1, (volume.frames * volume.rows * volume.columns + Self.mostVoxels - 1) / Self.mostVoxels)
    }

    private func naming<Value>(_ look: () throws(HDF5Failure) -> Value) throws(ScanFileError) -> Value {
        do throws(HDF5Failure) { return try look() } catch {
            throw ScanFileError(path: path, problem: "cannot be shown: \(error)")
        }
    }

    private static func gaps(_ root: LinkedGroup) -> [OutputDescription.Gap] {
        guard let group = root.child("entry/inpainting/gaps"), let names = try? group.names() else { return [] }
        let gaps = names.compactMap { name -> (Int, OutputDescription.Gap)? in
            guard let gap = group.child(name), let label = gap.text("name"), let verdict = gap.text("verdict") else {
                return nil
            }
            let number = Int(name.drop { !$0.isNumber }) ?? 0
            return (
                number,
                OutputDescription.Gap(
                    name: label, width: gap.integer("width") ?? 0, verdict: verdict, reason: gap.text("reason") ?? "",
                    expectedPCC: gap.number("expected_pcc"), attainablePCC: gap.number("attainable_pcc"))
            )
        }
        return gaps.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// A picture of at most 256 colours, (row, column) from the top left corner.
struct IndexedPicture {
    var rows: Int
    var columns: Int
    var indices: [UInt8]
    /// Red, green, blue and opacity of each colour.
    var palette: [[UInt8]]

    /// The picture as a PNG file; `nil` when there is no memory for it.
    func png() -> [UInt8]? {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(columns)
        image.height = UInt32(rows)
        image.format =
            UInt32(PNG_FORMAT_FLAG_COLOR) | UInt32(PNG_FORMAT_FLAG_ALPHA) | UInt32(PNG_FORMAT_FLAG_COLORMAP)
        image.colormap_entries = UInt32(palette.count)
        image.flags = UInt32(PNG_IMAGE_FLAG_FAST)
        let colours = palette.flatMap { $0 }
        var bytes = [UInt8](repeating: 0, count: indices.count + indices.count / 64 + 65_536)
        var size = bytes.count
        guard png_image_write_to_memory(&image, &bytes, &size, 0, indices, 0, colours) != 0 else { return nil }
        return Array(bytes.prefix(size))
    }
}

/// Which colour a voxel of a section gets.
struct SectionPalette: Sendable {
    let layer: SectionOrder.Layer
    let maximum: Float

    private static let steps = 248
    static let missing: UInt8 = 248
    static let clear: UInt8 = 249
    static let unstated: UInt8 = 250

    /// Standard uncertainties that are so many times that of a measured count have the last colour of the scale.
    static let mostUncertain: Float = 32

    var colours: [[UInt8]] {
        let scale = (0..<Self.steps).map { step in
            let value = Float(step) / Float(Self.steps - 1)
            return layer == .uncertainty ? ColourMap.uncertainty(value) : ColourMap.colour(value)
        }
        let rest = [Colour(0x7F8C8D), Colour(0x000000), Colour(0x4A4F57)]
        return (scale + rest).enumerated().map { index, colour in
            [colour.red, colour.green, colour.blue, index == Int(Self.clear) ? 0 : 255]
        }
    }

    /// - Parameter uncertainty: in counts; needed for that layer only.
    func index(_ voxels: StoredVolume.Voxels, pixel: Int, uncertainty: Float?) -> UInt8 {
        let isEstimate = voxels.inpainted[pixel] != 0
        switch layer {
        case .counts:
            guard voxels.unusable[pixel] == 0 else { return Self.missing }
            let counts = voxels.data[pixel]
            return counts > 0 ? Self.step(log1p(counts) / log1p(maximum)) : 0
        case .gaps: return isEstimate ? Self.missing : Self.clear
        case .uncertainty:
            guard isEstimate else { return Self.clear }
            guard let uncertainty, uncertainty.isFinite else { return Self.unstated }
            let poisson = max(voxels.data[pixel], 1).squareRoot()
            return Self.step(log(max(uncertainty / poisson, 1)) / log(Self.mostUncertain))
        }
    }

    private static func step(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 1) * Float(steps - 1)) }
}
