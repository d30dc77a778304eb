internal import Foundation
internal import ScanFiles

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
