internal import Detectors
internal import Volume

extension DetectorIdentity {
    /// How acquisitions name a detector.
    ///
    /// - Parameter name: what the beamline calls it; `nil` takes a short name by which it is known, e.g. `mpx1x4`.
    init(_ detector: Detector, name: String?) {
        let words = detector.description.split(separator: " ", maxSplits: 1).map(String.init)
        let isMaxipix = detector.edgePixels != nil && words.first == "MAXIPIX"
        self.init(
            name: name ?? detector.beamlineName,
            type: words.first ?? detector.name,
            model: isMaxipix ? detector.maxipixModel : words.last ?? detector.name,
            description: detector.description.isEmpty ? detector.name : detector.description,
            shape: detector.shape,
            rowPitchMetres: detector.pixelSizeMetres.slow,
            columnPitchMetres: detector.pixelSizeMetres.fast)
    }
}

extension Detector {
    /// Its first nickname that can be a BLISS name, e.g. `mpx1x4`, or the name it is listed under.
    ///
    /// What begins like the name it is listed under is the name of a family, e.g. `pilatus3`.
    fileprivate var beamlineName: String {
        let nickname = names.first { other in
            other.allSatisfy { $0.isLetter || $0.isNumber } && other.contains(where: \.isNumber)
                && !name.hasPrefix(other.prefix(5))
        }
        return nickname ?? String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    /// As Lima's MAXIPIX plug-in builds it: chips, gap and chip type, e.g. `2x2(gap:4x4)-TPX1`.
    fileprivate var maxipixModel: String {
        guard let modules else { return description }
        let rows = (shape.rows + modules.gap.rows) / (modules.size.rows + modules.gap.rows)
        let columns = (shape.columns + modules.gap.columns) / (modules.size.columns + modules.gap.columns)
        return "\(columns)x\(rows)(gap:\(modules.gap.columns)x\(modules.gap.rows))-TPX1"
    }
}
