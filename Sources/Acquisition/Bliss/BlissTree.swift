internal import Foundation
internal import ScanFiles
internal import Volume

/// Where the files of a BLISS session lie below the directory of raw data.
struct BlissTree: Sendable {
    /// The directory of raw data.
    var directory: String
    var proposal: String
    var beamline: String
    var sample: String
    var dataset: String

    init(directory: String, description: ScanDescription) {
        self.directory = directory
        proposal = description.proposal
        beamline = description.beamline
        sample = description.sample
        dataset = description.dataset
    }

    private var stem: String { "\(sample)_\(dataset)" }

    var datasetDirectory: String { "\(directory)/\(sample)/\(stem)" }
    /// Holds the entries of the scans.
    var datasetFile: String { "\(datasetDirectory)/\(stem).h5" }

    /// Each master file with the dataset file's name as seen from it.
    var masters: [(path: String, datasetFile: String)] {
        [
            ("\(directory)/\(sample)/\(proposal)_\(sample).h5", "\(stem)/\(stem).h5"),
            ("\(directory)/\(proposal)_\(beamline).h5", "\(sample)/\(stem)/\(stem).h5"),
        ]
    }

    /// The name of a scan's entry in a master file.
    func linkName(ofEntry entry: String) -> String { "\(stem)_\(entry)" }

    /// The directory of a scan's Lima files, as seen from the dataset file.
    func scanDirectory(_ scan: Int) -> String { String(format: "scan%04d", scan) }

    /// One more than the highest scan number in the dataset file.
    func nextScanNumber() throws(ScanFileError) -> Int {
        guard FileManager.default.fileExists(atPath: datasetFile) else { return 1 }
        let file = try HDF5File(readingFrom: datasetFile)
        let names = try writing(datasetFile) { () throws(HDF5Failure) in try file.root.names() }
        let numbers = names.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }
        return (numbers.max() ?? 0) + 1
    }
}

/// The parts of a BLISS entry's instrument.
extension HDF5Group {
    /// A snapshot of all motors, with the scanned one at `position`.
    func createPositioners(
        _ name: String, of description: ScanDescription, at position: Double
    ) throws(HDF5Failure) {
        let group = try createCollection(name, description.restingMotors)
        try group.write(description.motor, .quantity(position, units: "deg"))
    }

    /// All motors, with the positions of the scanned one behind a link.
    func createPositioners(
        _ name: String, of description: ScanDescription, linkTo target: String
    ) throws(HDF5Failure) {
        let group = try createCollection(name, description.restingMotors)
        try group.createSoftLink(description.motor, to: target)
    }

    /// The scanned motor with a list of positions that grows as the scan goes on.
    func createMotor(_ description: ScanDescription) throws(HDF5Failure) -> HDF5Dataset {
        let motor = try createGroup(description.motor, class: "NXpositioner")
        let value = try motor.createDataset(
            "value", shape: [0], type: .float64, storage: HDF5Storage(chunk: [1024], maximum: [-1]))
        try value.setAttribute("units", to: "deg")
        return value
    }

    /// The detector without its frames, which are linked when the scan ends.
    ///
    /// - Parameter directory: the directory of the Lima files, as seen from the dataset file.
    func createBlissDetector(
        _ description: ScanDescription, directory: String
    ) throws(HDF5Failure) -> HDF5Group {
        let identity = description.detector
        let detector = try createCollection(
            identity.name, class: "NXdetector",
            [
                "type": "lima",
                "x_pixel_size": .quantity(identity.columnPitchMetres, units: "m"),
                "y_pixel_size": .quantity(identity.rowPitchMetres, units: "m"),
                "distance": .quantity(description.distanceMetres, units: "m"),
                "beam_center_x": .quantity(description.beamCentre.column, units: "pixel"),
                "beam_center_y": .quantity(description.beamCentre.row, units: "pixel"),
                "dim_i": .integer(description.frame.columns),
                "dim_j": .integer(description.frame.rows),
            ])
        try detector.createCollection(
            "acq_parameters",
            [
                "acq_expo_time": .number(description.exposureSeconds),
                "acq_mode": "SINGLE",
                "acq_nb_frames": .integer(description.frames),
                "acq_trigger_mode": "INTERNAL_TRIGGER_MULTI",
                "latency_time": 0,
                "saving_directory": .text(directory),
                "saving_mode": "AUTO_FRAME",
                "saving_prefix": .text("\(identity.name)_"),
            ])
        try detector.createCollection(
            "ctrl_parameters",
            [
                "acc_mode": "STANDARD",
                "saving_format": .text(description.compression.limaFormat),
                "saving_frame_per_file": .integer(description.framesPerFile),
                "saving_managed_mode": "SOFTWARE",
                "saving_suffix": ".h5",
            ])
        return detector
    }
}
