internal import Foundation
internal import Fourier
internal import Volume

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
