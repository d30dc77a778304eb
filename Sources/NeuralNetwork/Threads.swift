internal import CConvolution
internal import Synchronization

/// The number of threads that networks run on.
public enum Threads {
    private static let limit = Atomic<Int>(0)

    /// Sets the number of threads for plans made from now on; 0 stands for all cores.
    ///
    /// - Precondition: `count >= 0`.
    public static func limit(_ count: Int) {
        precondition(count >= 0, "\(count) threads asked for")
        limit.store(count, ordering: .relaxed)
    }

    /// The number of threads that a plan made now runs on.
    public static var count: Int {
        let limit = limit.load(ordering: .relaxed)
        return limit > 0 ? limit : available
    }

    /// What the machine offers, or `OMP_NUM_THREADS` where that is set.
    private static let available = Int(lacuna_available_threads())
}
