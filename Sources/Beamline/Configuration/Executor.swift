/// Where scans are inpainted; looks at files are always taken on the daemon's own machine.
public enum Executor: Sendable, Equatable {
    /// On the daemon's machine, one after another.
    case local
    /// As jobs of a Slurm cluster.
    case slurm(SlurmSettings)

    /// What the configuration calls them.
    enum Name: String, CaseIterable {
        case local, slurm
    }

    /// How many scans are in work at a time, at most.
    var scansInWork: Int {
        switch self {
        case .local: 1
        case .slurm(let settings): settings.jobs
        }
    }
}

/// How jobs are submitted to Slurm: the `slurm` block.
public struct SlurmSettings: Sendable, Equatable {
    /// Through which jobs and daemon talk; at the same path on every node, and of this daemon alone.
    public var directory: String
    /// Jobs that are in the queue or run at a time.
    public var jobs = 16
    /// `nil` for the cluster's default.
    public var partition: String?
    /// `nil` for the user's default.
    public var account: String?
    /// Further options of sbatch(1), which override all others.
    public var options: [String] = []

    public init(directory: String) {
        self.directory = directory
    }
}
