import ArgumentParser
import CommandSupport
import Conventions
import Detectors
import Inpainting
import WorkMessages

/// The networks of a study, read when they are asked for.
struct StudyModels: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp("The network's weights (default: those that ship).", valueName: "file"))
    var networkPath: String?

    @Option(
        name: .customLong("paper-model"),
        help: ArgumentHelp("The weights of the paper's network (default: those that ship).", valueName: "file"))
    var paperPath: String?

    @Option(help: "How much time the network takes.")
    var quality = FillQuality.standard

    var network: GapModel {
        get throws {
            try Self.read(networkPath.map(absolutePath) ?? ShippedFiles.model, option: "--model", GapModel.init)
        }
    }

    var paper: PaperModel {
        get throws {
            try Self.read(
                paperPath.map(absolutePath) ?? ShippedFiles.paperModel, option: "--paper-model", PaperModel.init)
        }
    }

    private static func read<Model>(
        _ path: String?, option: String, _ model: (_ path: String) throws -> Model
    ) throws(CommandFailure) -> Model {
        guard let path else {
            throw CommandFailure(.configuration, "the network is not installed; \(option) names its weights")
        }
        do {
            return try model(path)
        } catch {
            throw CommandFailure(.configuration, "the network cannot be used: \(error)")
        }
    }
}
