import CFFTW
public import Volume

/// The discrete Fourier transform of real volumes (frame, slow, fast) whose spectrum keeps whole images of frequencies:
/// of the frame axis only the frequencies 0 ... frames/2 are stored, the others are their conjugates.
///
/// Works on memory of the caller, without allocating. One transform may be used from many threads at once; each call
/// runs on the calling thread.
public final class FramewiseFourierTransform: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let framesForward: FourierPlan
    private let framesBackward: FourierPlan
    // Each turns an image round, columns for rows, so that both leave it as it was.
    private let columns: FourierLines
    private let rows: FourierLines

    public let shape: VolumeShape

    /// The shape of the spectrum: `frames / 2 + 1` frames.
    public var spectrumShape: VolumeShape { VolumeShape(frames: shape.frames / 2 + 1, frame: shape.frame) }

    /// - Precondition: an image has an even number of pixels, so that each starts at a multiple of 16 bytes.
    public init(shape: VolumeShape) {
        precondition(shape.frame.count % 2 == 0, "a transform of \(shape)")
        self.shape = shape
        let pixels = shape.frame.count
        framesForward = FourierPlan(
            .realForward, count: shape.frames, lanes: pixels, from: .sideBySide, to: .sideBySide)
        framesBackward = FourierPlan(
            .realBackward, count: shape.frames, lanes: pixels, from: .sideBySide, to: .sideBySide)
        columns = FourierLines(count: shape.columns, lanes: shape.rows, space: .successive)
        rows = FourierLines(count: shape.rows, lanes: shape.columns, space: .successive)
    }

    /// Writes F(k) = Σ f(x) exp(-2πi k·x/N) of real values, which stay as they are.
    ///
    /// - Parameter image: room for one image.
    /// - Precondition: there are `shape.count` values and `spectrumShape.count` of the spectrum; all three arrays start at
    ///   a multiple of 16 bytes.
    public func forward(
        _ values: UnsafeMutableBufferPointer<Float>, to spectrum: UnsafeMutableBufferPointer<ComplexFloat>,
        image: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        precondition(values.count == shape.count, "\(values.count) numbers for a transform of \(shape)")
        fftwf_execute_dft_r2c(framesForward.handle, values.baseAddress, spectrum.fftw(count: spectrumShape.count))
        forEachImage(of: spectrum) {
            columns.forward($0, to: image)
            rows.forward(image, to: $0)
        }
    }

    /// Writes Σ F(k) exp(+2πi k·x/N), which is N times what undoes `forward`; the spectrum is lost.
    ///
    /// - Parameter image: room for one image.
    /// - Precondition: as for `forward`.
    public func backward(
        _ spectrum: UnsafeMutableBufferPointer<ComplexFloat>, to values: UnsafeMutableBufferPointer<Float>,
        image: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        precondition(values.count == shape.count, "\(values.count) numbers for a transform of \(shape)")
        forEachImage(of: spectrum) {
            rows.backward($0, to: image)
            columns.backward(image, to: $0)
        }
        fftwf_execute_dft_c2r(framesBackward.handle, spectrum.fftw(count: spectrumShape.count), values.baseAddress)
    }

    private func forEachImage(
        of spectrum: UnsafeMutableBufferPointer<ComplexFloat>,
        _ body: (UnsafeMutableBufferPointer<ComplexFloat>) -> Void
    ) {
        let pixels = shape.frame.count
        for frame in 0..<spectrumShape.frames {
            body(UnsafeMutableBufferPointer(rebasing: spectrum[frame * pixels..<(frame + 1) * pixels]))
        }
    }
}
