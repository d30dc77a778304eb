internal import Detectors
internal import Foundation
internal import ScanFiles
internal import Volume

/// Writes a scan as one NeXus file with frames, pixel mask and the detector's description, the way NXmx names them.
final class NexusScanWriter: ScanWriter {
    let scanFile: String
    var frameFiles: [String] { [scanFile] }

    private let description: ScanDescription
    private let pixelMask: [UInt32]
    private var parts: (entry: HDF5Group, frames: HDF5Dataset)?
    private var written = 0
    private var lock: FileLock?

    /// - Parameter pixelMask: NeXus pixel status of each pixel of the saved frame.
    init(directory: String, description: ScanDescription, pixelMask: [UInt32]) throws(ScanFileError) {
        scanFile = "\(directory)/\(description.sample)_\(description.dataset).h5"
        self.description = description
        self.pixelMask = pixelMask
        try checkAbsent(scanFile)
    }

    func begin(at time: Date) throws(ScanFileError) {
        let file = try HDF5File(creating: scanFile)
        lock = try FileLock(scanFile)
        parts = try writing(scanFile) { () throws(HDF5Failure) in
            let root = try file.root
            try root.setAttribute("NX_class", to: "NXroot")
            try root.setAttribute("default", to: "entry")
            let entry = try root.createGroup("entry", class: "NXentry")
            try entry.setAttribute("default", to: "data")
            try entry.write("title", description.title)
            try entry.write("start_time", time.localTimestamp(in: description.timeZone))
            try entry.createCollection("sample", class: "NXsample", ["name": .text(description.sample)])
            let instrument = try entry.createCollection(
                "instrument", class: "NXinstrument", ["name": .text(description.beamline.uppercased())])
            let detector = try createDetector(in: instrument)
            let frames = try createFrames(in: detector)
            let data = try entry.createGroup("data", class: "NXdata")
            try data.setAttribute("signal", to: "data")
            try data.setAttribute("axes", to: [description.motor, ".", "."])
            try data.createSoftLink("data", to: frames.path)
            let positions = (0..<description.frames).map { description.position(ofFrame: $0) }
            try data.write(description.motor, positions).setAttribute("units", to: "deg")
            return (entry, frames)
        }
    }

    func write(_ counts: [UInt32], frame: Int, at time: Date) throws(ScanFileError) {
        guard let parts else { preconditionFailure("a frame comes after the scan began") }
        try writing(scanFile) { () throws(HDF5Failure) in
            try parts.frames.write(counts, start: [frame, 0, 0], extents: description.chunk)
        }
        written = frame + 1
    }

    func end(_ reason: EndReason, at time: Date) throws(ScanFileError) {
        guard let parts else { preconditionFailure("a scan ends after it began") }
        try writing(scanFile) { () throws(HDF5Failure) in
            if reason != .success {
                let frame = description.frame
                try parts.frames.resize(to: [written, frame.rows, frame.columns])
            }
            try parts.entry.write("end_reason", reason.rawValue)
            try parts.entry.write("end_time", time.localTimestamp(in: description.timeZone))
        }
        self.parts = nil
        lock = nil
    }

    private func createDetector(in instrument: HDF5Group) throws(HDF5Failure) -> HDF5Group {
        let identity = description.detector
        let detector = try instrument.createCollection(
            "detector", class: "NXdetector",
            [
                "description": .text(identity.description),
                "type": "Pixel",
                "local_name": .text(identity.name),
                "x_pixel_size": .quantity(identity.columnPitchMetres, units: "m"),
                "y_pixel_size": .quantity(identity.rowPitchMetres, units: "m"),
                "distance": .quantity(description.distanceMetres, units: "m"),
                "beam_center_x": .quantity(description.beamCentre.column, units: "pixel"),
                "beam_center_y": .quantity(description.beamCentre.row, units: "pixel"),
                "count_time": .quantity(description.exposureSeconds, units: "s"),
                "bit_depth_readout": 32,
                "pixel_mask_applied": 0,
            ])
        let frame = description.frame
        let storage = HDF5Storage.deflated(chunk: [frame.rows, frame.columns], elementSize: 4)
        try detector.write("pixel_mask", pixelMask, shape: [frame.rows, frame.columns], storage: storage)
        return detector
    }

    private func createFrames(in detector: HDF5Group) throws(HDF5Failure) -> HDF5Dataset {
        let frame = description.frame
        let storage = HDF5Storage(
            chunk: description.chunk, filters: description.compression.filters,
            maximum: [-1, frame.rows, frame.columns])
        let frames = try detector.createDataset(
            "data", shape: [description.frames, frame.rows, frame.columns], type: .uint32, storage: storage)
        try frames.setAttribute("interpretation", to: "image")
        return frames
    }
}
