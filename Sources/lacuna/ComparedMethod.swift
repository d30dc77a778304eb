import ArgumentParser
import Detectors
import Inpainting
import Studies

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
    func studyMethod(quality: FillQuality, models: StudyModels) throws -> StudyMethod {
        let filler: any GapFiller =
            switch self {
            case .network: try models.network.filler(quality: quality)
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

/// The networks of a study, read when they are asked for.
struct StudyModels {
    private let networkPath: String?
    private let paperPath: String?

    /// - Parameters:
    ///   - network: absolute path of the weights of ours; `nil` for those that ship.
    ///   - paper: the same for the paper's.
    init(network: String?, paper: String?) {
        networkPath = network ?? ShippedFiles.model
        paperPath = paper ?? ShippedFiles.paperModel
    }

    var network: GapModel {
        get throws { try Self.read(networkPath, option: "--model", GapModel.init) }
    }

    var paper: PaperModel {
        get throws { try Self.read(paperPath, option: "--paper-model", PaperModel.init) }
    }

    private static func read<Model>(
        _ path: String?, option: String, _ model: (_ path: String) throws -> Model
    ) throws(CommandFailure) -> Model {
        guard let path else {
            throw CommandFailure(.usage, "the network is not installed; \(option) names its weights")
        }
        do {
            return try model(path)
        } catch {
            throw CommandFailure(.usage, "the network cannot be used: \(error)")
        }
    }
}
