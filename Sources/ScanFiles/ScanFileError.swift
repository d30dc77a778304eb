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
