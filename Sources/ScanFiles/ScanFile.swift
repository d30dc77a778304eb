internal import Foundation

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
    public let notAScan: String?

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
    /// - Throws: ``ScanFileError`` when the file as a whole cannot be read.
    public static func open(
        _ path: String, dataset: String? = nil, selection: ScanSelection?, threshold: Int? = nil
    ) throws(ScanFileError) -> ScanFile {
        let request = ScanRequest(path: path, dataset: dataset, selection: selection, threshold: threshold)
        if let file = try NumpyLayout.open(request) {
            try file.requireScan(selection)
            return file
        }

        let walker = LinkWalker()
        let root = LinkedGroup(group: try walker.root(of: walker.file(path)), walker: walker)
        let layouts: [any HDF5Layout.Type] = [
            LacunaLayout.self, LimaLayout.self, BlissLayout.self, CXILayout.self, NexusLayout.self,
        ]
        for layout in layouts where try layout.understands(root) {
            let file = try layout.open(root, request: request)
            try file.requireScan(selection)
            return file
        }
        throw ScanFileError(path: path, problem: "its layout is not known")
    }

    /// - Throws: ``ScanFileError`` when a scan is asked for by its number in a file whose scans have none.
    private func requireScan(_ selection: ScanSelection?) throws(ScanFileError) {
        guard let selection, !scans.isEmpty, ![.blissDataset, .blissMaster].contains(layout) else { return }
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

    /// An empty choice that follows the request.
    var choice: StackChoice {
        var choice = StackChoice()
        choice.threshold = threshold
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
