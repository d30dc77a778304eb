import CFFTW
public import Volume

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
