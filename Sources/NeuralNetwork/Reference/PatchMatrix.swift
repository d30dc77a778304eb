internal import COpenBLAS

/// What a convolution does, as products with the matrix of all patches under its kernel.
///
/// The kernel slides over the *wide* grid, a step of the stride for each voxel of the *narrow* one. Weights are laid
/// out as (kernel frame, row, column, wide channel, narrow channel).
final class PatchMatrix {
    private let layer: Convolution
    private let wide: TensorShape
    private let narrow: TensorShape
    private let padding: Extent3
    /// The patches of one sample: (narrow voxel, kernel frame, row, column, wide channel).
    private var patches: [Float]

    /// Numbers of one patch.
    private var length: Int { layer.kernel.count * wide.channels }

    init(_ layer: Convolution, input: TensorShape, output: TensorShape) {
        self.layer = layer
        (wide, narrow) = layer.isTransposed ? (output, input) : (input, output)
        padding = layer.padding(input: input.extents).before
        patches = [Float](repeating: 0, count: narrow.extents.count * layer.kernel.count * wide.channels)
    }

    /// narrow += patches(wide) · weights
    func addConvolution(
        of wideValues: UnsafePointer<Float>, by weights: [Float], to narrowValues: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            gather(wideValues + sample * wide.extents.count * wide.channels)
            Self.addProduct(
                patches, weights, rows: narrow.extents.count, inner: length, columns: narrow.channels,
                to: narrowValues + sample * narrow.extents.count * narrow.channels)
        }
    }

    /// wide += the adjoint of `addConvolution`, applied to narrow
    func addAdjoint(
        of narrowValues: UnsafePointer<Float>, by weights: [Float], to wideValues: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            let part = narrowValues + sample * narrow.extents.count * narrow.channels
            patches.withUnsafeMutableBufferPointer { patches in
                patches.update(repeating: 0)
                guard let target = patches.baseAddress else { return }
                Self.addProduct(
                    part, weights, transposingSecond: true, rows: narrow.extents.count, inner: narrow.channels,
                    columns: length, to: target)
            }
            spread(wideValues + sample * wide.extents.count * wide.channels)
        }
    }

    /// weights += patches(wide)ᵀ · narrow
    func addWeights(
        _ wideValues: UnsafePointer<Float>, _ narrowValues: UnsafePointer<Float>,
        to weights: UnsafeMutablePointer<Float>
    ) {
        for sample in 0..<narrow.batch {
            gather(wideValues + sample * wide.extents.count * wide.channels)
            Self.addProduct(
                patches, transposingFirst: true, narrowValues + sample * narrow.extents.count * narrow.channels,
                rows: length, inner: narrow.extents.count, columns: narrow.channels, to: weights)
        }
    }

    /// c += a · b, for c of so many rows and columns.
    private static func addProduct(
        _ a: UnsafePointer<Float>, transposingFirst: Bool = false, _ b: UnsafePointer<Float>,
        transposingSecond: Bool = false, rows: Int, inner: Int, columns: Int, to c: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemm(
            CblasRowMajor, transposingFirst ? CblasTrans : CblasNoTrans, transposingSecond ? CblasTrans : CblasNoTrans,
            blasint(rows), blasint(columns), blasint(inner), 1, a, blasint(transposingFirst ? rows : inner), b,
            blasint(transposingSecond ? inner : columns), 1, c, blasint(columns))
    }

    /// Calls `body` for each voxel of each patch: its first number's position, and that of its voxel in the wide grid
    /// or `nil` in the padding.
    private func forEachPatchVoxel(_ body: (Int, Int?) -> Void) {
        var position = 0
        let one = TensorShape(batch: 1, extents: narrow.extents, channels: 1)
        let kernel = TensorShape(batch: 1, extents: layer.kernel, channels: 1)
        forEachVoxel(of: one) { _, frame, row, column in
            forEachVoxel(of: kernel) { _, kernelFrame, kernelRow, kernelColumn in
                let f = frame * layer.stride.frames + kernelFrame * layer.dilation.frames - padding.frames
                let r = row * layer.stride.rows + kernelRow * layer.dilation.rows - padding.rows
                let c = column * layer.stride.columns + kernelColumn * layer.dilation.columns - padding.columns
                let isInside =
                    wide.extents.frameRange.contains(f) && wide.extents.rowRange.contains(r)
                    && wide.extents.columnRange.contains(c)
                body(position, isInside ? wide.position(0, f, r, c) : nil)
                position += wide.channels
            }
        }
    }

    private func gather(_ sample: UnsafePointer<Float>) {
        patches.withUnsafeMutableBufferPointer { patches in
            forEachPatchVoxel { position, voxel in
                for channel in 0..<wide.channels {
                    patches[position + channel] = voxel.map { sample[$0 + channel] } ?? 0
                }
            }
        }
    }

    private func spread(_ sample: UnsafeMutablePointer<Float>) {
        patches.withUnsafeBufferPointer { patches in
            forEachPatchVoxel { position, voxel in
                guard let voxel else { return }
                for channel in 0..<wide.channels { sample[voxel + channel] += patches[position + channel] }
            }
        }
    }
}

extension Extent3 {
    fileprivate var frameRange: Range<Int> { 0..<frames }
    fileprivate var rowRange: Range<Int> { 0..<rows }
    fileprivate var columnRange: Range<Int> { 0..<columns }
}
