internal import CConvolution
internal import Synchronization

/// The number of threads that networks run on.
///
/// They are OpenMP's, as are oneDNN's own. Between two layers they wait by spinning, which wastes the cores where other
/// work competes for them; `OMP_WAIT_POLICY=passive` in the environment of the process makes them sleep instead.
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

    /// The cores that this process may use.
    private static let available = Int(lacuna_available_threads())
}
