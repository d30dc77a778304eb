import ArgumentParser
import CommandSupport
import Detectors
import Inpainting
import Studies
import WorkMessages

/// A method that studies compare: those that fill scans, and the paper's network as their rival.
enum ComparedMethod: String, CaseIterable, ExpressibleByArgument {
    case network
    case kriging
    case linear
    case cubic
    case nearest
    case biharmonic
    case paper

    /// What fills windows by this method.
    ///
    /// - Throws: ``CommandFailure`` where the weights that it needs cannot be read.
    func studyMethod(_ models: StudyModels) throws -> StudyMethod {
        let filler: any GapFiller =
            switch self {
            case .network: try models.network.filler(quality: models.quality)
            case .kriging: Kriging()
            case .linear: Interpolation(.linear)
            case .cubic: Interpolation(.cubic)
            case .nearest: Interpolation(.nearest)
            case .biharmonic: Biharmonic()
            case .paper: PaperFiller(model: try models.paper)
            }
        return StudyMethod(rawValue, filler)
    }
}
