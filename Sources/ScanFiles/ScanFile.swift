internal import Foundation
public import WorkMessages

/// An input file, recognised by its content, and the scans that were found in it.
public struct ScanFile: Sendable {
    /// How a file is laid out.
    public enum Layout: String, Sendable, Codable, CaseIterable {
        /// Entries `1.1`, `2.1`, … of BLISS scans.
        case blissDataset = "bliss dataset"
        /// Links to the entries of BLISS dataset files.
        case blissMaster = "bliss master"
        /// Frames as the Lima detector server saves them.
        case lima
        /// Any other HDF5 file, NeXus or not.
        case nexus
        case cxi
        case npz
        case npy
        /// A file for each frame, EDF or TIFF.
        case frameSeries = "frame series"
        /// One EDF or TIFF file with all frames.
        case imageStack = "image stack"
        /// Written by Lacuna.
        case lacunaOutput = "lacuna output"
        /// The known truth beside a simulated scan.
        case lacunaTruth = "lacuna truth"
    }

    public let path: String
    public let layout: Layout
    /// One for each scan, in the order of their numbers.
    public var scans: [Scan]
    /// Why the file counts for no scan of its own when a directory is searched; its scans can still be read by hand.
    public internal(set) var notAScan: String?

    /// Recognises a file and looks at its scans, without reading a frame.
    ///
    /// What is wrong with one scan stands in its ``Scan/problem``.
    /// - Parameters:
    ///   - dataset: The HDF5 path of the 3D stack, absolute or relative to the entry, where the choice is not clear.
    ///   - number: Look at this BLISS scan only.
    /// - Throws: ``ScanFileError`` when the file as a whole cannot be read.
    public static func open(
        _ path: String, dataset: String? = nil, scan number: Int? = nil
    ) throws(ScanFileError) -> ScanFile {
        try open(path, dataset: dataset, selection: number.map(ScanSelection.init(number:)))
    }

    /// Recognises a file and looks at its scans, without reading a frame.
    ///
    /// What is wrong with one scan stands in its ``Scan/problem``.
    /// - Parameters:
    ///   - dataset: The HDF5 path of the 3D stack, absolute or relative to the entry, where the choice is not clear.
    ///   - selection: Look at these BLISS scans only.
    ///   - threshold: The threshold, from 1, whose images are taken where a detector has several; by default the first.
    ///   - series: What becomes of several exposures at each point, and that a second axis of frames is theirs.
    ///   - profile: How a facility lays out its files.
    /// - Throws: ``ScanFileError`` when the file as a whole cannot be read.
    public static func open(
        _ path: String, dataset: String? = nil, selection: ScanSelection?, threshold: Int? = nil,
        series: ExposureUse? = nil, profile: ProfileChoice = .none
    ) throws(ScanFileError) -> ScanFile {
        let request = ScanRequest(
            path: path, dataset: dataset, selection: selection, threshold: threshold, series: series, profile: profile)
        if let file = try ImageLayout.open(request) {
            try file.requireScan(selection)
            return profile.completing(file)
        }
        if let file = try NumpyLayout.open(request) {
            try file.requireScan(selection)
            return profile.refusing(file)
        }

        let walker = LinkWalker()
        let root = LinkedGroup(group: try walker.root(of: walker.file(path)), walker: walker)
        let layouts: [any HDF5Layout.Type] = [
            LacunaLayout.self, LimaLayout.self, BlissLayout.self, CXILayout.self, NexusLayout.self,
        ]
        for layout in layouts where try layout.understands(root) {
            let file = try layout.open(root, request: request)
            try file.requireScan(selection)
            return profile.refusing(file)
        }
        throw ScanFileError(path: path, problem: "its layout is not known")
    }

    /// - Throws: ``ScanFileError`` when a scan is asked for by its number in a file whose scans have none.
    private func requireScan(_ selection: ScanSelection?) throws(ScanFileError) {
        guard let selection, !scans.isEmpty, ![.blissDataset, .blissMaster].contains(layout),
            layout != .frameSeries || scans.allSatisfy({ $0.number == nil })
        else { return }
        throw ScanFileError(
            path: path,
            problem: "there is no scan \(selection): a file of the layout \(layout.rawValue) has no scan numbers")
    }
}

/// What is asked of a layout.
struct ScanRequest {
    var path: String
    var dataset: String?
    var selection: ScanSelection?
    var threshold: Int?
    var series: ExposureUse?
    var profile = ProfileChoice.none

    /// An empty choice that follows the request.
    var choice: StackChoice {
        var choice = StackChoice()
        choice.threshold = threshold
        choice.hasExposures = series != nil
        return choice
    }
}

/// One way of laying out scans in an HDF5 file.
protocol HDF5Layout {
    /// True when the file is laid out this way.
    static func understands(_ root: LinkedGroup) throws(ScanFileError) -> Bool

    /// Looks at the scans of a file that is understood.
    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile
}

/// Which scans of a BLISS file are asked for: `12`, `12.1`, the name of a link such as `crystal_0001_12.1`, or one of
/// several detectors of a scan, `12.1/instrument/mpx1x4`.
public struct ScanSelection: Sendable, Equatable, CustomStringConvertible {
    public let description: String
    private let number: Int?
    private let entry: String
    /// The only detector of the scan that is asked for.
    let device: String?

    /// All entries of a scan number: every time base, and in a master every dataset.
    public init(number: Int) {
        description = "\(number)"
        self.number = number
        entry = description
        device = nil
    }

    /// - Returns: `nil` for a text that names no scan.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: device = nil
        case 3 where parts[1] == "instrument" && !parts[2].isEmpty: device = parts[2]
        default: return nil
        }
        number = Int(parts[0]).flatMap { $0 >= 0 ? $0 : nil }
        guard number != nil || BlissEntryName(parts[0]) != nil else { return nil }
        entry = parts[0]
        description = text
    }

    func takes(_ name: BlissEntryName) -> Bool {
        number.map { $0 == name.scan } ?? (entry == name.name)
    }
}

/// Why a scan file cannot be read or written; its description names the file, what was expected and what was found.
public struct ScanFileError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The input is unreadable, unsupported or contradicts itself.
        case input
        /// The file holds something else than a scan: a mask, a support, a reconstruction, an analysis.
        case noScan
        /// The scan is not complete yet.
        case incomplete
        /// The output cannot be written.
        case output
        /// No room is left for the output, on its disk or within its owner's quota.
        case outputFull
        /// Something that must not be replaced lies where the output belongs; only a person can change that.
        case occupied
    }

    public var kind: Kind
    /// The file that is at fault.
    public var path: String
    /// The HDF5 path within the file, where one is concerned.
    public var dataset: String?
    public var problem: String

    public init(_ kind: Kind = .input, path: String, dataset: String? = nil, problem: String) {
        self.kind = kind
        self.path = path
        self.dataset = dataset
        self.problem = problem
    }

    public var description: String {
        guard let dataset, !dataset.isEmpty else { return "\(path): \(problem)" }
        return "\(path): \(dataset): \(problem)"
    }
}
