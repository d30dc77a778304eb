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

/// The discrete Fourier transform of complex volumes (frame, slow, fast) in two steps, of which a caller gives each core
/// its part: every image by itself, then along the frames for every row of pixels.
///
/// What is done to a spectrum between a transform and its inverse needs the lines of one row at a time only, and what is
/// done to the values one image. An iteration that goes forth and back so passes over its memory twice instead of six
/// times. Nothing is allocated. One transform may be used from many threads at once.
public final class StepwiseFourierTransform: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let linesForward: FourierPlan
    private let linesBackward: FourierPlan
    // Each turns an image round, columns for rows, so that both leave it as it was.
    private let columns: FourierLines
    private let rows: FourierLines

    public let shape: VolumeShape

    /// Complex values from one image of a half-transformed volume to the next: some more than an image has, since lines
    /// along the frames would else fall on few cache lines.
    public var imagePitch: Int { shape.frame.count + 8 }
    /// Number of complex values of a half-transformed volume.
    public var volumeCount: Int { shape.frames * imagePitch }
    /// Number of complex values of the lines of one row, (column, frame).
    public var lineCount: Int { shape.frames * shape.columns }

    /// - Precondition: there is an even number of columns, so that each row starts at a multiple of 16 bytes.
    public init(shape: VolumeShape) {
        precondition(shape.columns % 2 == 0, "a transform of \(shape)")
        self.shape = shape
        let pitch = shape.frame.count + 8
        linesForward = FourierPlan(.forward, count: shape.frames, lanes: shape.columns, pitch: pitch)
        linesBackward = FourierPlan(.backward, count: shape.frames, lanes: shape.columns, pitch: pitch)
        columns = FourierLines(count: shape.columns, lanes: shape.rows, space: .successive)
        rows = FourierLines(count: shape.rows, lanes: shape.columns, space: .successive)
    }

    /// Writes the transform of one image into another, which may be the same.
    ///
    /// - Parameter room: for one image.
    /// - Precondition: all three hold an image and start at a multiple of 16 bytes.
    public func forwardImage(
        _ image: UnsafeMutableBufferPointer<ComplexFloat>, to target: UnsafeMutableBufferPointer<ComplexFloat>,
        room: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        columns.forward(image, to: room)
        rows.forward(room, to: target)
    }

    /// Replaces one image by rows · columns times what undoes `forwardImage`.
    public func backwardImage(
        _ image: UnsafeMutableBufferPointer<ComplexFloat>, room: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        rows.backward(image, to: room)
        columns.backward(room, to: image)
    }

    /// Writes the transforms along the frames of one row of a volume of transformed images, (column, frame).
    ///
    /// - Precondition: the arrays hold `volumeCount` and `lineCount` values and start at a multiple of 16 bytes.
    public func forwardLines(
        row: Int, of volume: UnsafeMutableBufferPointer<ComplexFloat>,
        to lines: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        fftwf_execute_dft(
            linesForward.handle, volume.fftw(count: volumeCount) + row * shape.columns, lines.fftw(count: lineCount))
    }

    /// Puts `frames` times what undoes `forwardLines` back into one row of a volume.
    public func backwardLines(
        _ lines: UnsafeMutableBufferPointer<ComplexFloat>, to volume: UnsafeMutableBufferPointer<ComplexFloat>,
        row: Int
    ) {
        fftwf_execute_dft(
            linesBackward.handle, lines.fftw(count: lineCount), volume.fftw(count: volumeCount) + row * shape.columns)
    }
}
