internal import Detectors
internal import ScanFiles
public import WorkMessages

extension Equipment {
    /// Reads what every scan with these settings needs.
    public init(checking settings: ProcessingSettings, fillers: FillerFactory = .installed) {
        self.init(filterProblem: HDF5Filter.ofDetectors.lazy.compactMap(\.hindrance).first)
        do {
            let catalogue = try settings.detectorCatalogue()
            detectors = catalogue.detectors.flatMap { [$0.name] + $0.names }
            if let unknown = settings.detectorsAllowed?.first(where: { catalogue[$0] == nil }) {
                detectorProblem = WorkerFailure(
                    .configuration, "no detector is called “\(unknown)”; `lacuna detectors` lists those that are known")
            }
        } catch {
            detectorProblem = WorkerFailure(.configuration, "\(error)")
        }
        do {
            guard let model = try fillers.filler(for: settings).model else { return }
            weights = Weights(
                path: settings.model ?? fillers.shippedModel ?? "", name: model.name, sha256: model.sha256)
        } catch {
            weightsProblem = error
        }
    }
}
