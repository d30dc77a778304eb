internal import Detectors
internal import Foundation

extension Scan {
    /// Takes over what the group of a detector says.
    mutating func describe(detector group: LinkedGroup, sources: [SourceFile]) {
        detector = DetectorFields(nexus: group)
        if let text = group.text("description") {
            evidence.append(DetectorEvidence(source: .nexusDescription, text: text))
        }
        if let text = group.text("sensor_material") {
            evidence.append(DetectorEvidence(source: .sensorMaterial, text: "\(text) sensor"))
        }
        if let text = group.text("type") { evidence.append(DetectorEvidence(source: .nexusType, text: text)) }
        if let name = group.path.split(separator: "/").last {
            evidence.append(DetectorEvidence(source: .groupName, text: String(name)))
        }
        if let file = sources.first {
            evidence.append(DetectorEvidence(source: .fileName, text: URL(filePath: file.path).lastPathComponent))
        }
    }
}

extension LimaImages {
    /// Adds what Lima knows, and puts it first: it comes from the detector itself.
    func describe(_ scan: inout Scan) {
        scan.evidence.insert(contentsOf: evidence, at: 0)
        scan.operations = operations
        complete(&scan.detector)
    }
}

extension LinkedGroup {
    /// A group to carry on to an output file, under the same path; `nil` when there is none.
    func groupToCopy(_ path: String) -> GroupToCopy? {
        child(path).map { GroupToCopy(file: $0.file.path, path: $0.path, destination: path) }
    }
}

extension SourceFile {
    /// What changes with the file's content.
    var fact: String { "\(URL(filePath: path).lastPathComponent) \(size) \(modificationTime)" }
}
