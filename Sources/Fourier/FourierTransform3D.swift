import CFFTW
public import Volume

/// The discrete Fourier transform of complex volumes of one shape (frame, slow, fast), in place.
///
/// Frequencies stand in FFTW's order: 0 first, the negative ones in the upper half. One transform may be used from
/// many threads at once; each call runs on the calling thread. A shape of one frame transforms images.
///
/// Source: Frigo and Johnson 2005, Proceedings of the IEEE 93, 216-231.
public final class FourierTransform3D: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let forwardPlan: FourierPlan
    private let backwardPlan: FourierPlan

    public let shape: VolumeShape

    /// - Precondition: every extent of the shape is at least 1.
    public init(shape: VolumeShape) {
        self.shape = shape
        forwardPlan = FourierPlan(.forward, shape: shape)
        backwardPlan = FourierPlan(.backward, shape: shape)
    }

    /// Replaces f(x) by F(k) = Σ f(x) exp(-2πi k·x/N).
    ///
    /// - Precondition: `values.count == shape.count`.
    public func forward(_ values: inout [ComplexFloat]) {
        values.withUnsafeMutableBufferPointer { forward($0) }
    }

    /// The same on memory that the caller keeps alive, which starts at a multiple of 16 bytes.
    public func forward(_ values: UnsafeMutableBufferPointer<ComplexFloat>) {
        let start = values.fftw(count: shape.count)
        fftwf_execute_dft(forwardPlan.handle, start, start)
    }

    /// Replaces F(k) by f(x) = Σ F(k) exp(+2πi k·x/N) / N, which undoes `forward`.
    ///
    /// - Precondition: `values.count == shape.count`.
    public func inverse(_ values: inout [ComplexFloat]) {
        values.withUnsafeMutableBufferPointer { inverse($0) }
    }

    /// The same on memory that the caller keeps alive, which starts at a multiple of 16 bytes.
    public func inverse(_ values: UnsafeMutableBufferPointer<ComplexFloat>) {
        let start = values.fftw(count: shape.count)
        fftwf_execute_dft(backwardPlan.handle, start, start)
        let scale = 1 / Float(shape.count)
        for index in values.indices { values[index] = values[index] * scale }
    }
}
