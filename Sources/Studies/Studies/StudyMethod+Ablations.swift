internal import Detectors
public import Inpainting
internal import WorkMessages

extension StudyMethod {
    /// The network when it is told more or less than usual.
    ///
    /// What is withheld is empty, which the network has never seen but for the other side of the peak: the loss tells how
    /// far it relies on that, an upper limit of what it is worth to one that had learnt to do without.
    public static func ablations(of model: GapModel) -> [StudyMethod] {
        func without(_ channel: TileFeatures.Channel, _ name: String) -> StudyMethod {
            StudyMethod("network without \(name)", NetworkFiller(model: model, withheld: [channel]))
        }
        var both = StudyMethod("network with the other side", NetworkFiller(model: model))
        both.seesOtherSide = true
        return [
            StudyMethod("network", NetworkFiller(model: model)), both,
            StudyMethod("network, four mirror images", NetworkFiller(model: model, quality: .best)),
            without(.gap, "the mask"), without(.background, "the photon scale"),
            without(.deviation, "kriging's deviation"), without(.fringes, "kriging's fringes"),
        ]
    }
}
