public import NeuralNetwork
public import Volume

/// The two-dimensional networks of the thesis, by the names of recipes and tables.
///
/// Source: thesis, section 4.3.2 and table 4.1.
public enum PlanarNetwork: String, CaseIterable, Sendable, Codable {
    case unet
    case msdNet = "msd-net"
    /// The U-Net with dilated convolutions in its first three blocks.
    case modifiedUNet = "modified-unet"

    /// The images that the thesis trains on, (row, column).
    public static let image = FrameShape(rows: 128, columns: 128)
    /// Extents of an image are multiples of this.
    public static let extentMultiple = 32

    public var graph: NetworkGraph {
        switch self {
        case .unet: .unet2D()
        case .msdNet: .msdNet2D()
        case .modifiedUNet: .modifiedUNet2D()
        }
    }
}
