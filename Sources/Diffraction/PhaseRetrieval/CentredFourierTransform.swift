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
