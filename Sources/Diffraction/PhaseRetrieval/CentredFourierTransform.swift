internal import Foundation
internal import Fourier
internal import Volume

/// The Fourier transform between an object and a spectrum that both have their origin in the middle, voxel `extent / 2`.
///
/// Signs that alternate from voxel to voxel move the frequency 0 of a transform to the middle. Those that would move the
/// object as well are left out, as they change nothing that can be observed.
struct CentredFourierTransform {
    private let transform: FourierTransform3D

    /// - Precondition: all extents are even.
    init(shape: VolumeShape) {
        precondition(shape.extents.allSatisfy { $0.isMultiple(of: 2) }, "a centred transform of \(shape)")
        transform = FourierTransform3D(shape: shape)
    }

    func spectrum(of object: Volume<ComplexFloat>) -> Volume<ComplexFloat> {
        var values = object
        Self.alternate(&values)
        transform.forward(&values.storage)
        return values
    }

    func object(of spectrum: Volume<ComplexFloat>) -> Volume<ComplexFloat> {
        var values = spectrum
        transform.inverse(&values.storage)
        Self.alternate(&values)
        return values
    }

    private static func alternate(_ volume: inout Volume<ComplexFloat>) {
        let shape = volume.shape
        volume.storage.withUnsafeMutableBufferPointer { values in
            for line in 0..<shape.frames * shape.rows {
                let odd = (line / shape.rows + line % shape.rows) & 1
                for column in stride(from: 1 - odd, to: shape.columns, by: 2) {
                    values[line &* shape.columns &+ column] = values[line &* shape.columns &+ column] * -1
                }
            }
        }
    }
}

/// How a spectrum, its frequency 0 at index 0, and a pattern, its Bragg peak in the middle, correspond.
struct CentredOrder: Sendable {
    private let shape: VolumeShape

    init(_ shape: VolumeShape) { self.shape = shape }

    /// Calls `body` for each voxel of one row of frequencies with its position among the row's lines, (column, frame),
    /// and with that in the pattern.
    @inline(__always)
    func forEachVoxel(ofSpectrumRow row: Int, _ body: (_ line: Int, _ voxel: Int) -> Void) {
        let patternRow = (row + shape.rows / 2) % shape.rows
        for column in 0..<shape.columns {
            let base = patternRow * shape.columns + (column + shape.columns / 2) % shape.columns
            for frame in 0..<shape.frames {
                let patternFrame = (frame + shape.frames / 2) % shape.frames
                body(column &* shape.frames &+ frame, base &+ patternFrame &* shape.frame.count)
            }
        }
    }
}

/// The transform of a Gaussian of sum 1, over the voxels of a volume so that there and back leaves values as they were.
struct GaussianSpectrum: Sendable {
    private let shape: VolumeShape
    private let frames: [Float]
    private let rows: [Float]
    private let columns: [Float]

    /// - Parameter width: its standard deviation in voxels.
    init(width: Double, shape: VolumeShape) {
        self.shape = shape
        func factors(_ extent: Int) -> [Float] {
            (0..<extent).map { index in
                let turns = Double(min(index, extent - index)) / Double(extent)
                return Float(exp(-2 * pow(.pi * width * turns, 2)))
            }
        }
        frames = factors(shape.frames).map { $0 / Float(shape.count) }
        rows = factors(shape.rows)
        columns = factors(shape.columns)
    }

    /// Multiplies the lines, (column, frame), of one row of a spectrum.
    func multiply(row: Int, _ lines: UnsafeMutableBufferPointer<ComplexFloat>) {
        for column in 0..<shape.columns {
            let factor = rows[row] * columns[column]
            for frame in 0..<shape.frames {
                let index = column &* shape.frames &+ frame
                lines[index] = lines[index] * (factor * frames[frame])
            }
        }
    }
}

/// Memory that starts at a multiple of 64 bytes, as transforms and vector units like it, freed with its owner.
final class AlignedBuffer<Element: BitwiseCopyable> {
    let values: UnsafeMutableBufferPointer<Element>

    init(count: Int, repeating value: Element) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        values = bytes.bindMemory(to: Element.self)
        values.initialize(repeating: value)
    }

    deinit { UnsafeMutableRawBufferPointer(values).deallocate() }
}
