internal import Fourier
internal import Volume

/// The memory in which one tile at a time is kriged on a grid; many tiles use it one after the other.
final class KrigingScratch: @unchecked Sendable {
    // Safe to share: whoever takes it off the shelf is alone with it.

    /// Real values on the grid.
    let field: UnsafeMutableBufferPointer<Float>
    /// The stored half of the field's spectrum, (frequency of frames, of rows, of columns).
    let spectrum: UnsafeMutableBufferPointer<ComplexFloat>
    /// 1 / S in the order of the spectrum.
    let precision: UnsafeMutableBufferPointer<Float>
    /// A spectrum in the making.
    let draft: UnsafeMutableBufferPointer<ComplexFloat>
    /// Slabs of lines: of the field's spectrum, of the precision, and three to work in.
    let slabs:
        (
            field: UnsafeMutableBufferPointer<ComplexFloat>, precision: UnsafeMutableBufferPointer<Float>,
            work: UnsafeMutableBufferPointer<ComplexFloat>, product: UnsafeMutableBufferPointer<ComplexFloat>,
            column: UnsafeMutableBufferPointer<ComplexFloat>
        )
    /// Room for one image of the spectrum.
    let image: UnsafeMutableBufferPointer<ComplexFloat>
    let solver: ToeplitzSolver

    init(grid: PeriodicGrid) {
        let shape = grid.shape
        let slab = max(shape.frames * shape.columns, shape.rows * shape.columns)
        field = Self.allocate(shape.count)
        spectrum = Self.allocate(grid.spectrumCount)
        precision = Self.allocate(grid.spectrumCount)
        draft = Self.allocate(grid.spectrumCount)
        slabs = (
            Self.allocate(slab), Self.allocate(slab), Self.allocate(slab), Self.allocate(slab), Self.allocate(slab)
        )
        image = UnsafeMutableBufferPointer(rebasing: slabs.work[..<shape.frame.count])
        solver = ToeplitzSolver(capacity: shape.extents.max() ?? 1)
    }

    deinit {
        field.deallocate()
        spectrum.deallocate()
        precision.deallocate()
        draft.deallocate()
        slabs.field.deallocate()
        slabs.product.deallocate()
        slabs.column.deallocate()
        slabs.precision.deallocate()
        slabs.work.deallocate()
    }

    /// Memory that starts at a cache line, as FFTW and vectors like it.
    private static func allocate<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutableBufferPointer<Element> {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        return bytes.bindMemory(to: Element.self)
    }
}
