import Foundation
import Volume

@testable import ScanFiles

/// A small scan whose counts, gap and masks are made by rule.
enum InpaintedFileSample {
    static let shape = VolumeShape(frames: 6, rows: 21, columns: 34)

    static let gap: PixelMask = {
        var mask = PixelMask(shape: shape.frame)
        mask.mask(columns: 16..<19)
        return mask
    }()

    static var masks: FrameMasks { FrameMasks(inpainted: gap, unusable: PixelMask(shape: shape.frame)) }

    static func header(elementType: ElementType = .float32) -> InpaintedFileHeader {
        let bits = gap.storage.map { UInt32($0 ? 1 : 0) }
        var detector = DetectorHeader(description: "Maxipix", pixelMask: bits)
        detector.xPixelSizeMetres = 55e-6
        detector.yPixelSizeMetres = 55e-6
        detector.distanceMetres = 0.83
        detector.fields = [NexusField("local_name", .text("mpx1x4"))]
        var header = InpaintedFileHeader(
            shape: shape, program: "lacuna", version: "0.1.0", detector: detector,
            source: RawFileNote(
                name: "scan.h5", dataset: "/1.1/measurement/mpx1x4", sizeBytes: 4711,
                modificationTime: "2024-05-01T12:00:00+02:00"))
        header.elementType = elementType
        header.title = "ascan eta 8 9 5 1"
        header.startTime = "2024-05-01T11:58:00+02:00"
        header.endTime = "2024-05-01T11:59:00+02:00"
        header.identifier = "1.1"
        let positions = (0..<shape.frames).map { 8 + Double($0) / 5 }
        header.axis = ScannedAxis(name: "eta", positions: positions, units: "degree")
        return header
    }

    static let process: InpaintingProcess = {
        var process = InpaintingProcess(date: "2024-05-01T11:59:00+02:00", method: "linear")
        process.parameters = [NexusField("max_gap_pixels", .integer(44))]
        process.quality = [NexusField("pcc", .number(0.93)), NexusField("samples", .integer(12))]
        process.model = InpaintingProcess.Model(name: "none", sha256: String(repeating: "0", count: 64))
        return process
    }()

    /// Sparse counts with a bright peak, which differ with the seed.
    static func counts<Count: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
        _ type: Count.Type = Float.self, shape: VolumeShape = shape, seed: UInt64 = 1
    ) -> Volume<Count> {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        var volume = Volume<Count>(shape: shape, repeating: 0)
        for index in volume.storage.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = state >> 40
            volume.storage[index] = Count(random % 50 == 0 ? random % 3_000 : random % 11 == 0 ? 1 : 0)
        }
        return volume
    }

    /// Writes a whole file in blocks.
    static func write<Count: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
        _ data: Volume<Count>, to path: String, header: InpaintedFileHeader? = nil,
        masks: (Int) -> FrameMasks = { _ in masks }, errors: VoxelErrors = .poisson,
        compression: OutputCompression = .gzip, threads: Int = 0, block: Int = 4
    ) throws {
        let writer = try InpaintedFileWriter(
            path: path, header: header ?? self.header(), compression: compression, threads: threads)
        for start in stride(from: 0, to: data.shape.frames, by: block) {
            let frames = start..<min(start + block, data.shape.frames)
            let shape = VolumeShape(frames: frames.count, frame: data.shape.frame)
            let storage = Array(data.storage.dropFirst(data.range(ofFrame: start).lowerBound).prefix(shape.count))
            try writer.append(
                Volume(shape: shape, storage: storage), errors: errors,
                masks: .perFrame(frames.map(masks)))
        }
        try writer.finish(process)
    }
}
