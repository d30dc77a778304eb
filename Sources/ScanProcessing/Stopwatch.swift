internal import Glibc

extension ContinuousClock {
    func seconds(since start: Instant) -> Double { (now - start) / .seconds(1) }

    /// Runs `body` and adds the seconds it took to `sum`.
    func add<Result, Failure: Error>(
        to sum: inout Double, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = now
        defer { sum += seconds(since: start) }
        return try body()
    }
}

/// The most memory that this process has had resident, in bytes.
func peakMemoryBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
