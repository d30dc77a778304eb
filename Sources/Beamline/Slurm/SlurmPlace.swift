/// Where a scan stands in Slurm: a task of one of our job arrays.
struct SlurmPlace: Hashable {
    /// The job's name, unique among all that were ever submitted.
    var batch: String
    /// The index in the array, from 1.
    var task: Int
}

/// What Slurm says of a task.
struct SlurmTask: Equatable {
    /// As scancel(1) takes it, e.g. `1234_5`.
    var id: String
    /// Slurm's word, e.g. `NODE_FAIL`.
    var state: String
    /// Why it waits or ended, in Slurm's words, e.g. `Resources`.
    var reason: String

    enum Phase {
        case waiting, running
        /// By itself; what it had to say stands in its file.
        case ended
        /// By Slurm or an operator, on account of the job.
        case cut
        /// By no fault of the job.
        case interrupted
    }

    /// States as squeue(1) lists them; what it may add waits until Slurm says more.
    var phase: Phase {
        switch state {
        case "RUNNING", "COMPLETING", "SIGNALING", "STAGE_OUT": .running
        case "COMPLETED", "FAILED": .ended
        case "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "DEADLINE", "REVOKED": .cut
        case "NODE_FAIL", "PREEMPTED", "BOOT_FAIL": .interrupted
        default: .waiting
        }
    }

    /// e.g. `job 1234_5: FAILED (RaisedSignal:9(Killed))`.
    var description: String { "job \(id): \(state)" + (["", "None"].contains(reason) ? "" : " (\(reason))") }
}
