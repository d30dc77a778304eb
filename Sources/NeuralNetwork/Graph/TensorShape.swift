/// The size of a dense channels-last tensor, (N, frame, row, column, channel), channels contiguous.
public struct TensorShape: Hashable, Sendable {
    /// Number of samples, N.
    public var batch: Int
    public var extents: Extent3
    public var channels: Int

    public init(batch: Int, extents: Extent3, channels: Int) {
        self.batch = batch
        self.extents = extents
        self.channels = channels
    }

    /// Number of voxels of all samples.
    public var voxels: Int { batch * extents.count }

    /// Number of elements.
    public var count: Int { voxels * channels }
}
