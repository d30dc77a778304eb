/// How bright a window is: its mean log(1+I) over the voxels that are not hidden.
///
/// The score that photon noise allows depends on it, so that a mean over windows of unknown brightness says little.
public enum BrightnessClass: String, CaseIterable, Sendable {
    case below05 = "<0.5"
    case from05to1 = "0.5-1"
    case from1to2 = "1-2"
    case from2to3 = "2-3"
    case from3to4 = "3-4"
    case above4 = ">4"

    public init(meanLog: Double) {
        self =
            switch meanLog {
            case ..<0.5: .below05
            case ..<1: .from05to1
            case ..<2: .from1to2
            case ..<3: .from2to3
            case ..<4: .from3to4
            default: .above4
            }
    }
}
