/// A recorded value that says "no measurement here" instead of a count.
public enum FlagValue: Hashable, Sendable {
    case value(Int)
    /// The largest value of the integer type in which the frames are saved, e.g. 65535 for 16 bits.
    case typeMaximum
}
