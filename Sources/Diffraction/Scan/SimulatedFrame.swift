/// One detector image of a simulated scan, in row-major order (slow, fast).
public struct SimulatedFrame: Hashable, Sendable {
    /// Expected counts, the background included.
    public var noiseFree: [Float]
    /// Photons counted: a Poisson deviate of each expectation.
    public var counts: [UInt32]
}
