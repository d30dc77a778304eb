/// What the paper's network is used on.
public enum PaperNetwork {
    /// Extents of a patch are multiples of this.
    public static let extentMultiple = 16
    /// Voxels along each axis of the patches that it was made for.
    static let extent = 32
    /// The widest gap that it is trained for and asked to fill, in pixels.
    public static let widestGap = 14
}
