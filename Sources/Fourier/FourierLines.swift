import CFFTW

/// The discrete Fourier transforms of many complex lines at once.
///
/// One object may be used from many threads at once; each call runs on the calling thread.
public final class FourierLines: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let forwardPlan: FourierPlan
    private let backwardPlan: FourierPlan

    /// How the points of the lines stand in memory.
    public enum Layout: Sendable {
        /// Point p of line l at p · `lanes` + l.
        case sideBySide
        /// Point p of line l at l · `count` + p.
        case successive
    }

    /// Number of points of a line.
    public let count: Int
    /// Number of lines.
    public let lanes: Int

    /// - Parameters:
    ///   - space: how the points stand before `forward` and after `backward`.
    ///   - frequency: how they stand the other way round.
    /// - Precondition: both numbers are at least 1.
    public init(count: Int, lanes: Int, space: Layout = .sideBySide, frequency: Layout = .sideBySide) {
        precondition(count >= 1 && lanes >= 1, "Fourier transforms of \(lanes) lines of \(count)")
        self.count = count
        self.lanes = lanes
        forwardPlan = FourierPlan(.forward, count: count, lanes: lanes, from: space, to: frequency)
        backwardPlan = FourierPlan(.backward, count: count, lanes: lanes, from: frequency, to: space)
    }

    /// Writes F(k) = Σ f(x) exp(-2πi k x/N) of each line.
    ///
    /// - Precondition: there are `count * lanes` values in both arrays, which start at a multiple of 16 bytes and are
    ///   not the same.
    public func forward(
        _ values: UnsafeMutableBufferPointer<ComplexFloat>, to spectrum: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        fftwf_execute_dft(forwardPlan.handle, values.fftw(count: count * lanes), spectrum.fftw(count: count * lanes))
    }

    /// Writes Σ F(k) exp(+2πi k x/N) of each line: N times what undoes `forward`.
    ///
    /// - Precondition: as for `forward`.
    public func backward(
        _ spectrum: UnsafeMutableBufferPointer<ComplexFloat>, to values: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        fftwf_execute_dft(backwardPlan.handle, spectrum.fftw(count: count * lanes), values.fftw(count: count * lanes))
    }
}
