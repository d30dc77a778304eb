internal import Foundation
public import Volume

/// What the output file says about its scan, all of it known before the first frame is filled.
public struct InpaintedFileHeader: Sendable {
    /// (frame, slow = row, fast = column).
    public var shape: VolumeShape
    /// `.float32`, or `.float64` where counts exceed 2^24.
    public var elementType: ElementType = .float32
    /// Name and version of the program that writes the file.
    public var program: String
    public var version: String

    public var title: String?
    /// Start and end of the scan, ISO 8601 with offset.
    public var startTime: String?
    public var endTime: String?
    /// The scan within its series, e.g. "12.1".
    public var identifier: String?
    /// The motor that moves from frame to frame.
    public var axis: ScannedAxis?
    public var detector: DetectorHeader
    public var source: RawFileNote
    public var groupsToCopy: [GroupCopy] = []

    public init(shape: VolumeShape, program: String, version: String, detector: DetectorHeader, source: RawFileNote) {
        self.shape = shape
        self.program = program
        self.version = version
        self.detector = detector
        self.source = source
    }
}

/// The motor that moves from frame to frame.
public struct ScannedAxis: Sendable {
    /// As the beamline calls it, e.g. "eta".
    public var name: String
    /// Its position at each frame; the axis is left out of the file where the numbers differ, as in aborted scans.
    public var positions: [Double]
    public var units: String?

    public init(name: String, positions: [Double], units: String? = nil) {
        self.name = name
        self.positions = positions
        self.units = units
    }
}

/// The detector as the output file describes it.
public struct DetectorHeader: Sendable {
    /// E.g. "Dectris Eiger2 CdTe 2M".
    public var description: String
    /// Pixel sizes along the fast (x) and slow (y) axis.
    public var xPixelSizeMetres: Double?
    public var yPixelSizeMetres: Double?
    /// From the sample to the detector.
    public var distanceMetres: Double?
    /// Further fields of NXdetector, e.g. `local_name` or `beam_center_x`.
    public var fields: [NexusField] = []
    /// NeXus bits of the mask that was put in, (slow, fast); empty when there is none.
    public var pixelMask: [UInt32]

    public init(description: String, pixelMask: [UInt32]) {
        self.description = description
        self.pixelMask = pixelMask
    }
}

/// The raw file that a scan was read from.
public struct RawFileNote: Sendable {
    /// The file's name, relative to the directory of the output.
    public var name: String
    /// The HDF5 path of the frames.
    public var dataset: String
    public var sizeBytes: Int
    /// ISO 8601 with offset.
    public var modificationTime: String
    /// Who asked for the output.
    public var requester: OutputRequester?
    /// The directory in which the file lay.
    public var directory: String?
    /// Every file that holds frames, with its bytes.
    public var frameFiles: [(path: String, sizeBytes: Int)] = []

    public init(name: String, dataset: String, sizeBytes: Int, modificationTime: String) {
        self.name = name
        self.dataset = dataset
        self.sizeBytes = sizeBytes
        self.modificationTime = modificationTime
    }
}

/// A group of a raw file that the output takes over, with what its links point to.
public struct GroupCopy: Sendable {
    /// The raw file.
    public var file: String
    /// The group's HDF5 path there; nothing is copied where there is no such group.
    public var path: String
    /// Its absolute path in the output, e.g. "/entry/instrument/positioners".
    public var destination: String
    /// The class it gets where it has none.
    public var nexusClass: String

    public init(file: String, path: String, destination: String, nexusClass: String = "NXcollection") {
        self.file = file
        self.path = path
        self.destination = destination
        self.nexusClass = nexusClass
    }
}

/// How the gaps were filled: known once the last frame is.
public struct InpaintingProcess: Sendable {
    public struct Model: Sendable {
        public var name: String
        /// The hash of the model's file, in hexadecimal digits.
        public var sha256: String

        public init(name: String, sha256: String) {
            self.name = name
            self.sha256 = sha256
        }
    }

    /// When it was done, ISO 8601 with offset.
    public var date: String
    /// When the scan ended, or its frames were last written to.
    public var scanDate: String?
    /// What a person should know of the result.
    public var remarks: [String] = []
    /// The command line that does the same.
    public var command: String?
    /// E.g. "linear".
    public var method: String
    public var parameters: [NexusField] = []
    public var model: Model?
    /// Figures of merit, e.g. `pcc` and `misfit`.
    public var quality: [NexusField] = []
    /// What is said of each gap.
    public var gaps: [[NexusField]] = []

    public init(date: String, method: String) {
        self.date = date
        self.method = method
    }
}

/// A named value with its units.
public struct NexusField: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
        case number(Double)
        case numbers([Double])
    }

    public var name: String
    public var value: Value
    public var units: String?
    /// What it means, for its `long_name`.
    public var meaning: String?

    public init(_ name: String, _ value: Value, units: String? = nil, meaning: String? = nil) {
        self.name = name
        self.value = value
        self.units = units
        self.meaning = meaning
    }
}

/// Who asked for an output file.
public enum OutputRequester: String, Sendable {
    /// A person, by `lacuna inpaint`.
    case hand
    /// The daemon.
    case watch
}

/// For which scan an output file was written and who asked for it, as the file itself says.
public struct OutputProvenance: Sendable, Equatable {
    /// Absolute path of the raw file.
    public var source: String
    /// The scan's entry in it, without a leading slash.
    public var entry: String
    /// Where the frames stand in the raw file.
    public var dataset: String
    /// `nil` in files of versions that did not say so.
    public var requester: OutputRequester?
    /// Whether a picture belongs to it.
    public var hasPicture = false

    public init(source: String, entry: String, dataset: String, requester: OutputRequester?) {
        self.source = source
        self.entry = entry
        self.dataset = dataset
        self.requester = requester
    }

    public init(of scan: Scan, dataset: String, requester: OutputRequester?) {
        self.init(
            source: scan.input, entry: String(scan.entry.drop { $0 == "/" }), dataset: dataset, requester: requester)
    }

    /// Whether a file is an output of Lacuna of another raw file.
    public static func isOfAnotherScan(_ output: String, than scan: Self) -> Bool {
        guard let found = Self(of: output) else { return false }
        return found.source != scan.source && !found.isSameScan(as: scan)
    }

    /// Reads what an output file says of itself; `nil` for a file that Lacuna did not write.
    init?(of output: String) {
        let walker = LinkWalker()
        guard let file = try? walker.file(output), let group = try? walker.root(of: file) else { return nil }
        let root = LinkedGroup(group: group, walker: walker)
        guard LacunaLayout.isOutput(root), let name = root.text("entry/inpainting/source/file_name") else { return nil }
        source = URL(filePath: name, relativeTo: URL(filePath: output).deletingLastPathComponent())
            .standardizedFileURL.path(percentEncoded: false)
        entry = root.text("entry/entry_identifier") ?? ""
        dataset = root.text("entry/inpainting/source/dataset") ?? ""
        requester = root.text("entry/inpainting/source/requested_by").flatMap(OutputRequester.init)
        hasPicture = root.integer("entry/inpainting/parameters/preview") == 1
    }

    /// Whether two outputs are of the very same frames.
    func isSameScan(as other: Self) -> Bool {
        guard entry == other.entry, dataset == other.dataset else { return false }
        return source == other.source || ((try? SourceFile(source))?.isFile(at: other.source) ?? false)
    }

    /// The path of a file as seen from a directory, both absolute.
    public static func relativePath(of file: String, from directory: String) -> String {
        let (target, base) = (file.split(separator: "/"), directory.split(separator: "/"))
        let shared = zip(target.dropLast(), base).prefix { $0 == $1 }.count
        return (base.dropFirst(shared).map { _ in ".." } + target.dropFirst(shared)).joined(separator: "/")
    }
}
