/// What every scan needs besides its file, as a child found it: filters, detectors, weights.
public struct Equipment: Codable, Sendable, Equatable {
    /// The file of a network's weights.
    public struct Weights: Codable, Sendable, Equatable {
        public var path: String
        public var name: String
        public var sha256: String

        public init(path: String, name: String, sha256: String) {
            self.path = path
            self.name = name
            self.sha256 = sha256
        }
    }

    /// Why data with one of the detectors' filters cannot be read; `nil` where all can.
    public var filterProblem: String?
    /// The names and further names of all detectors that are described.
    public var detectors: [String]
    /// Why the descriptions of detectors cannot be read; `nil` where they can.
    public var detectorProblem: WorkerFailure?
    /// `nil` where the method needs none, or none are installed.
    public var weights: Weights?
    /// Why the weights cannot be used; `nil` where they can.
    public var weightsProblem: WorkerFailure?

    public init(
        filterProblem: String? = nil, detectors: [String] = [], detectorProblem: WorkerFailure? = nil,
        weights: Weights? = nil, weightsProblem: WorkerFailure? = nil
    ) {
        self.filterProblem = filterProblem
        self.detectors = detectors
        self.detectorProblem = detectorProblem
        self.weights = weights
        self.weightsProblem = weightsProblem
    }

    /// What keeps every scan from being inpainted; `nil` where nothing does.
    public var problem: WorkerFailure? { weightsProblem ?? detectorProblem }
}
