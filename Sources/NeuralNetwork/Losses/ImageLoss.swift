/// The losses that the thesis compares (section 4.3.2), each a sum of means over the gap of images.
public enum ImageLoss: String, CaseIterable, Sendable {
    /// The mean squared error.
    case squared = "mse"
    /// The mean absolute error.
    case absolute = "mae"
    /// 1 − SSIM.
    case structural = "ssim"
    /// Squared error, 1 − SSIM and the squared error of the differences between neighbours: the thesis' choice.
    case thesis = "mse+ssim+gradients"
    /// Absolute error, 1 − SSIM and the absolute error of the differences: the paper's choice (section 2.3).
    case paper = "mae+ssim+gradients"

    /// What is added up; on a scale of 0 ... 1.
    public var terms: [any Loss] {
        switch self {
        case .squared: [SquaredError()]
        case .absolute: [AbsoluteError()]
        case .structural: [StructuralDissimilarity()]
        case .thesis: [SquaredError(), StructuralDissimilarity(), DifferenceError(isSquared: true)]
        case .paper: [AbsoluteError(), StructuralDissimilarity(), DifferenceError()]
        }
    }
}
