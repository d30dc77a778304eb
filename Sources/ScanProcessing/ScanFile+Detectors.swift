public import Detectors
public import ScanFiles
internal import Volume

extension ScanFile {
    /// The same file, with the frames of known detectors only where a scan holds those of several.
    ///
    /// What else was recorded is named in the remarks. A camera of which not one file is there, since its saving was off,
    /// is left out, too, unless it is the only one. Where none is known, a person has to choose.
    public func takingKnownDetectors(_ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> ScanFile {
        var file = self
        file.scans = []
        var rest = scans[...]
        while let first = rest.first {
            let entry = rest.prefix { $0.entry == first.entry && $0.device != nil }
            if entry.count > 1 {
                file.scans += Self.known(among: Array(entry), choice, catalogue)
            } else {
                file.scans.append(first)
            }
            rest = rest.dropFirst(max(1, entry.count))
        }
        return file
    }

    private static func known(among all: [Scan], _ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> [Scan] {
        let detectors = all.map { $0.detector(choice, catalogue) }
        var taken = all.indices.filter { detectors[$0] != nil }
        if taken.contains(where: { !all[$0].savedNothing }) { taken.removeAll { all[$0].savedNothing } }
        guard !taken.isEmpty else {
            var scan = all[0]
            let names = scan.candidates.joined(separator: ", ")
            scan.problem = ScanFileError(
                path: scan.input, dataset: scan.entry,
                problem: "holds several stacks of images, none of a known detector: \(names); choose one with --dataset"
            )
            return [scan]
        }
        let others = all.indices.filter { !taken.contains($0) }.map { index in
            let shape = all[index].stack.map { " (\($0.shape))" } ?? ""
            let reason = detectors[index] == nil ? "no known detector" : "nothing was saved"
            return "\(all[index].device ?? "")\(shape): \(reason)"
        }
        return taken.map { index in
            var scan = all[index]
            if taken.count > 1 { scan.shareEntry() }
            if !others.isEmpty { scan.remarks.append("not taken: \(others.joined(separator: "; "))") }
            return scan
        }
    }
}

extension Scan {
    /// The detector of the frames where it is known.
    fileprivate func detector(_ choice: MaskChoice, _ catalogue: DetectorCatalogue) -> Detector? {
        guard let stack else { return nil }
        let gaps = try? ScanGaps(
            of: self, frame: stack.shape.frame, elementType: stack.elementType, choice: choice, catalogue: catalogue)
        return gaps?.detector
    }
}
