import Foundation
import Testing
import Volume

@testable import Acquisition
@testable import ScanFiles

/// A small scan whose frames are easy to recognise.
struct SyntheticScan {
    static let start = Date(timeIntervalSince1970: 1_611_914_440.490243)
    static let shape = VolumeShape(frames: 7, rows: 6, columns: 10)

    static func description(framesPerFile: Int = 7, compression: FrameCompression = .gzip) -> ScanDescription {
        var description = ScanDescription(
            frames: shape.frames, frame: shape.frame,
            detector: DetectorIdentity(
                name: "mpx1x4", type: "MAXIPIX", model: "2x2(gap:4x4)-TPX1", description: "MAXIPIX 2x2",
                shape: shape.frame, rowPitchMetres: 55e-6, columnPitchMetres: 55e-6),
            compression: compression, framesPerFile: framesPerFile)
        description.timeZone = TimeZone(secondsFromGMT: 3600) ?? .gmt
        return description
    }

    static func frame(_ index: Int) -> [UInt32] {
        (0..<shape.frame.count).map { UInt32(1000 * (index + 1) + $0) }
    }

    static var acquisition: Acquisition {
        var acquisition = Acquisition(clock: .simulated(from: start))
        acquisition.secondsPerFrame = 0.25
        return acquisition
    }

    /// Writes the scan; `atFrame` is told the number of frames written.
    static func write(
        with writer: some ScanWriter, _ acquisition: Acquisition = acquisition, atFrame: (Int) -> Void = { _ in }
    ) throws {
        try acquisition.run(frames: shape.frames, writer: writer, progress: atFrame) { frame($0) }
    }
}

/// A text dataset of a file; nil where it is absent.
func text(_ path: String, _ dataset: String) throws -> String? {
    try? HDF5File(readingFrom: path).root.open(dataset).dataset?.readText()
}

/// A dataset of a file.
func dataset(_ path: String, _ dataset: String) throws -> HDF5Dataset {
    try #require(try HDF5File(readingFrom: path).root.open(dataset).dataset)
}
