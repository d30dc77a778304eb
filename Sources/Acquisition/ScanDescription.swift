internal import Detectors
internal import Foundation
internal import Volume

/// What an acquisition knows about a scan before its first frame.
struct ScanDescription: Sendable {
    /// Number of frames asked for.
    var frames: Int
    /// Extents of the frames as saved.
    var frame: FrameShape
    var detector: DetectorIdentity
    /// What was done to the raw image before it was saved.
    var operations = ImageOperations()
    var compression = FrameCompression.gzip
    /// Lima starts another file after this number of frames.
    var framesPerFile: Int

    /// The step of the motor from one frame to the next.
    static let degreesPerFrame = 0.005

    var motor = "eta"
    /// First and last position of the motor, in degrees.
    var travel = 17.9...18.9
    var exposureSeconds = 1.0
    var energyKiloelectronvolts = 9.0
    /// From the sample to the detector.
    var distanceMetres = 1.0
    /// Where the beam meets the saved image, in pixels.
    var beamCentre = (row: 0.0, column: 0.0)

    var proposal = "simulation"
    var beamline = "id01"
    var sample = "crystal"
    var dataset = "0001"
    var timeZone = TimeZone.current

    /// The command that the operator would have typed.
    var title: String {
        let numbers = [travel.lowerBound, travel.upperBound].map { String(format: "%.6g", $0) }
        return
            "ascan \(motor) \(numbers[0]) \(numbers[1]) \(max(1, frames - 1)) \(String(format: "%.6g", exposureSeconds))"
    }

    /// Where the motor stands for a frame, in degrees.
    func position(ofFrame frame: Int) -> Double {
        let step = (travel.upperBound - travel.lowerBound) / Double(max(1, frames - 1))
        return travel.lowerBound + step * Double(frame)
    }

    /// The chunk of one frame, as HDF5 counts extents.
    var chunk: [Int] { [1, frame.rows, frame.columns] }

    /// The other motors, in degrees and millimetres, as a diffractometer's scan lists them.
    var restingMotors: KeyValuePairs<String, ScanValue> {
        [
            "delta": .quantity(36.2, units: "deg"),
            "mu": .quantity(0, units: "deg"),
            "nu": .quantity(0.1, units: "deg"),
            "phi": .quantity(-12.5, units: "deg"),
            "mononrj": .quantity(energyKiloelectronvolts, units: "keV"),
            "pix": .quantity(50.1, units: "um"),
            "piy": .quantity(49.7, units: "um"),
            "piz": .quantity(51.3, units: "um"),
        ]
    }
}

/// How a detector names itself in the files it writes.
struct DetectorIdentity: Sendable {
    /// The name that the beamline gives it, e.g. `mpx1x4`.
    var name: String
    /// Lima's `detector_information/type`, e.g. `MAXIPIX`.
    var type: String
    /// Lima's `detector_information/model`, e.g. `2x2(gap:4x4)-TPX1`.
    var model: String
    /// NeXus `description`.
    var description: String
    /// Extents of the whole raw image.
    var shape: FrameShape
    var rowPitchMetres: Double
    var columnPitchMetres: Double
}
