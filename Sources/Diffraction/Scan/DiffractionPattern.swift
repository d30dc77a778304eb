internal import Foundation
internal import Fourier
internal import Volume

/// The kinematic diffraction pattern |FT(ρ exp(iφ))|² of one crystal around one Bragg peak, frame by frame.
///
/// A frame of a rocking scan is a plane through reciprocal space: the crystal is summed along the rocking axis with
/// the frame's phases, and the image that is left is Fourier transformed (the projection-slice theorem). So frames
/// are independent of each other and no volume is ever held.
struct DiffractionPattern: Sendable {
    let parameters: ScanParameters
    private let object: CrystalObject
    private let window: PatternWindow
    private let transform: FourierTransform3D

    /// - Parameter object: sampled on the window's lattice.
    init(of object: CrystalObject, window: PatternWindow, parameters: ScanParameters) {
        self.object = object
        self.window = window
        self.parameters = parameters
        transform = FourierTransform3D(shape: VolumeShape(frames: 1, frame: window.grid))
    }

    /// The intensities of one frame in row-major order, for an incident wave of amplitude 1 and density 1 per voxel.
    func intensity(frame: Int) -> [Float] {
        let shape = parameters.shape.frame
        let centre = self.centre(ofFrame: frame)
        let (nearestRow, nearestColumn) = (centre.row.rounded(), centre.column.rounded())
        let grid = spectrum(
            frame: frame, rowOffset: centre.row - nearestRow, columnOffset: centre.column - nearestColumn)

        let frameGain = window.frameGain(offset: Double(frame) - parameters.peak.x)
        let columns = (0..<shape.columns).compactMap { column in
            window.columnGain(offset: Double(column) - centre.column).map { gain in
                let index = wrap(column - Int(nearestColumn), window.grid.columns)
                return (column: column, index: index, gain: Float(gain))
            }
        }
        var intensity = [Float](repeating: 0, count: shape.count)
        for row in 0..<shape.rows {
            guard let rowGain = window.rowGain(offset: Double(row) - centre.row) else { continue }
            let gain = Float(frameGain * rowGain)
            let source = wrap(row - Int(nearestRow), window.grid.rows) * window.grid.columns
            let target = row * shape.columns
            for column in columns {
                intensity[target &+ column.column] = grid[source &+ column.index].squaredModulus * column.gain * gain
            }
        }
        return parameters.blur > 0 ? GaussianBlur(sigma: parameters.blur).applied(to: intensity, shape) : intensity
    }

    /// The intensity of the frame's brightest pixel.
    func brightest(frame: Int) -> Double { Double(intensity(frame: frame).max() ?? 0) }

    /// The sum of the frame's intensities.
    func total(frame: Int) -> Double { intensity(frame: frame).reduce(0) { $0 + Double($1) } }

    private func centre(ofFrame frame: Int) -> (row: Double, column: Double) {
        let shear = parameters.rowsPerFrame * (Double(frame) - parameters.peak.x)
        return (parameters.peak.y + shear, parameters.peak.z)
    }

    private func wrap(_ index: Int, _ count: Int) -> Int {
        let remainder = index % count
        return remainder < 0 ? remainder + count : remainder
    }

    /// The transform of the projected crystal on the window's grid; the offsets, in pixels, come in as phase ramps.
    private func spectrum(frame: Int, rowOffset: Double, columnOffset: Double) -> [ComplexFloat] {
        var grid = [ComplexFloat](repeating: ComplexFloat(0), count: window.grid.count)
        let columnRamp = (0..<object.lattice.columns).map {
            ComplexFloat(turns: columnOffset * Double($0) / window.period.z)
        }
        let frequency = (Double(frame) - parameters.peak.x) / window.period.x
        let phases = (0..<object.lattice.planes).map { ComplexFloat(turns: -frequency * Double($0)) }
        grid.withUnsafeMutableBufferPointer { grid in
            object.project(phases: phases) { row, line, columns in
                let rowPhase = ComplexFloat(turns: rowOffset * Double(row) / window.period.y)
                let base = row &* window.grid.columns
                for column in columns { grid[base &+ column] = line[column] * (columnRamp[column] * rowPhase) }
            }
            transform.forward(grid)
        }
        return grid
    }
}

/// A Gaussian blur of images (slow, fast), one axis after the other.
///
/// At the border, only the weights that fall inside count: a constant image stays constant.
struct GaussianBlur {
    /// The weights at the distances 0, 1, 2 ... pixels.
    private let weights: [Float]

    /// - Parameter sigma: standard deviation in pixels, above 0.
    init(sigma: Double) {
        weights = (0...Int((4 * sigma).rounded(.up))).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
    }

    func applied(to image: [Float], _ shape: FrameShape) -> [Float] {
        blurredAcrossRows(blurredWithinRows(image, shape), shape)
    }

    private func blurredWithinRows(_ image: [Float], _ shape: FrameShape) -> [Float] {
        let norms = norms(shape.columns)
        var result = [Float](repeating: 0, count: image.count)
        image.withUnsafeBufferPointer { image in
            result.withUnsafeMutableBufferPointer { result in
                for row in 0..<shape.rows {
                    let base = row &* shape.columns
                    for offset in reach {
                        let weight = weights[abs(offset)]
                        let columns = max(0, -offset)..<max(0, -offset, shape.columns - max(0, offset))
                        for column in columns {
                            result[base &+ column] += weight * image[base &+ column &+ offset]
                        }
                    }
                    for column in 0..<shape.columns { result[base &+ column] *= norms[column] }
                }
            }
        }
        return result
    }

    /// The same for the slow axis alone.
    func blurredAcrossRows(_ image: [Float], _ shape: FrameShape) -> [Float] {
        let norms = norms(shape.rows)
        var result = [Float](repeating: 0, count: image.count)
        image.withUnsafeBufferPointer { image in
            result.withUnsafeMutableBufferPointer { result in
                for row in 0..<shape.rows {
                    let base = row &* shape.columns
                    for offset in reach where (0..<shape.rows).contains(row + offset) {
                        let weight = weights[abs(offset)] * norms[row]
                        let source = base &+ offset &* shape.columns
                        for column in 0..<shape.columns { result[base &+ column] += weight * image[source &+ column] }
                    }
                }
            }
        }
        return result
    }

    private var reach: ClosedRange<Int> { 1 - weights.count...weights.count - 1 }

    /// For each position along an axis, what makes the weights inside of the image add up to 1.
    private func norms(_ length: Int) -> [Float] {
        (0..<length).map { position in
            1 / reach.reduce(0) { (0..<length).contains(position + $1) ? $0 + weights[abs($1)] : $0 }
        }
    }
}
