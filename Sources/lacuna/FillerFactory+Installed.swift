import Beamline
import Inpainting

extension FillerFactory {
    /// With the network that ships with this program.
    static let installed = FillerFactory(shippedModel: ShippedFiles.model) { path in
        try GapModel(contentsOf: path)
    }
}
