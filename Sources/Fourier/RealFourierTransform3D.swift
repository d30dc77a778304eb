import CFFTW
public import Volume

/// The discrete Fourier transform of real volumes of one shape (frame, slow, fast): half the work of the complex one.
///
/// Only the columns 0 ... columns/2 of the spectrum are kept; the others are their conjugates. One transform may be
/// used from many threads at once; each call runs on the calling thread.
public final class RealFourierTransform3D: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let forwardPlan: FourierPlan
    private let backwardPlan: FourierPlan

    public let shape: VolumeShape

    /// The shape of the spectrum: `columns / 2 + 1` columns.
    public var spectrumShape: VolumeShape {
        VolumeShape(frames: shape.frames, rows: shape.rows, columns: shape.columns / 2 + 1)
    }

    /// - Precondition: every extent of the shape is at least 1.
    public init(shape: VolumeShape) {
        self.shape = shape
        forwardPlan = FourierPlan(.realForward, shape: shape)
        backwardPlan = FourierPlan(.realBackward, shape: shape)
    }

    /// The spectrum F(k) = Σ f(x) exp(-2πi k·x/N) of real values.
    ///
    /// - Precondition: `values.count == shape.count`.
    public func forward(_ values: [Float]) -> [ComplexFloat] {
        precondition(values.count == shape.count, "\(values.count) numbers for a transform of \(shape)")
        var values = values
        return [ComplexFloat](unsafeUninitializedCapacity: spectrumShape.count) { spectrum, count in
            count = spectrumShape.count
            let target = spectrum.prefix(count: count).fftw(count: count)
            values.withUnsafeMutableBufferPointer { real in
                fftwf_execute_dft_r2c(forwardPlan.handle, real.baseAddress, target)
            }
        }
    }

    /// The real values f(x) = Σ F(k) exp(+2πi k·x/N) / N of a spectrum, which undoes `forward`.
    ///
    /// - Precondition: `spectrum.count == spectrumShape.count`.
    public func inverse(_ spectrum: [ComplexFloat]) -> [Float] {
        var spectrum = spectrum  // FFTW overwrites it
        let scale = 1 / Float(shape.count)
        return [Float](unsafeUninitializedCapacity: shape.count) { values, count in
            count = shape.count
            spectrum.withUnsafeMutableBufferPointer { complex in
                let source = complex.fftw(count: spectrumShape.count)
                fftwf_execute_dft_c2r(backwardPlan.handle, source, values.baseAddress)
            }
            for index in 0..<count { values[index] *= scale }
        }
    }

    /// Replaces real values by their convolution with the kernel whose transform is given: F⁻¹(transfer · F(values)).
    ///
    /// - Parameters:
    ///   - transfer: real, in the order of the spectrum.
    ///   - scratch: of the spectrum's size; what it holds is lost.
    /// - Precondition: `values.count == shape.count`, the other two have `spectrumShape.count` elements.
    public func filter(_ values: inout [Float], by transfer: [Float], scratch: inout [ComplexFloat]) {
        precondition(values.count == shape.count, "\(values.count) numbers for a transform of \(shape)")
        precondition(transfer.count == spectrumShape.count, "\(transfer.count) factors for \(spectrumShape)")
        let scale = 1 / Float(shape.count)
        scratch.withUnsafeMutableBufferPointer { spectrum in
            let complex = spectrum.fftw(count: transfer.count)
            values.withUnsafeMutableBufferPointer { real in
                fftwf_execute_dft_r2c(forwardPlan.handle, real.baseAddress, complex)
                for index in transfer.indices { spectrum[index] = spectrum[index] * (transfer[index] * scale) }
                fftwf_execute_dft_c2r(backwardPlan.handle, complex, real.baseAddress)
            }
        }
    }
}

extension UnsafeMutableBufferPointer {
    /// The first `count` elements; an array's spare room may be larger than what was asked for.
    fileprivate func prefix(count: Int) -> UnsafeMutableBufferPointer {
        UnsafeMutableBufferPointer(rebasing: self[..<count])
    }
}
