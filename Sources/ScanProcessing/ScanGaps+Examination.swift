internal import Detectors
internal import Foundation
internal import ScanFiles
internal import Volume

extension ScanGaps {
    /// The gaps with what some frames of the scan show: pixels that measure nothing, and what a photon counts as.
    ///
    /// - Parameter photonValue: what one photon counts as, where that was stated.
    func examined(by reader: FrameReader, photonValue: Double?) throws(ScanFileError) -> ScanGaps {
        var gaps = self
        try gaps.findPhotonScale(in: reader, stated: photonValue)
        var examination = PixelExamination(mask: mask)
        for frame in Self.frames(PixelExamination.frames, of: reader) {
            var decoded = try reader.read(frames: frame..<frame + 1).decode(flagValues: flagValues)
            if gaps.photonScale.photon != 1 { decoded.countPhotons(of: gaps.photonScale.photon) }
            examination.add(decoded)
        }
        gaps.leastFrameSum = examination.leastFrameSum
        for finding in examination.findings {
            for pixel in finding.pixels {
                gaps.mask.storage[pixel] = true
                gaps.nexusPixelMask[pixel] |= (finding.kind == .hot ? NexusPixelStatus.noisy : .dead).rawValue
            }
            gaps.remarks.append(finding.description)
        }
        return gaps
    }

    private static func frames(_ number: Int, of reader: FrameReader) -> StrideTo<Int> {
        stride(from: 0, to: reader.shape.frames, by: max(1, reader.shape.frames / number))
    }

    private mutating func findPhotonScale(in reader: FrameReader, stated: Double?) throws(ScanFileError) {
        var examination = PhotonScaleExamination(mask: mask)
        for frame in Self.frames(PhotonScaleExamination.frames, of: reader) {
            examination.add(try reader.read(frames: frame..<frame + 1).decode(flagValues: flagValues))
        }
        if let stated {
            photonScale = PhotonScale(photon: stated, readoutNoise: examination.readoutNoise)
            remarks.append("one photon counts as \(stated), as stated")
            return
        }
        let finding = examination.finding
        if case .scaled(let scale, _) = finding { photonScale = scale }
        if let remark = finding.remark { remarks.append(remark) }
    }
}

extension PhotonScaleExamination.Finding {
    /// What a person should know of it.
    fileprivate var remark: String? {
        switch self {
        case .counts: nil
        case .scaled(let scale, let evidence) where scale.photon != 1:
            "the values are no counts: one photon counts as \(Self.text(scale.photon)), \(evidence); "
                + "uncertainties and fills follow that, and photon_value states another value"
        case .scaled(let scale, let evidence):
            "uncertainties include a readout noise of \(Self.text(scale.readoutNoise)), \(evidence)"
        case .suspicious(let photon):
            "the values scatter as if one photon counted as \(Self.text(photon)): if so, state it by photon_value, "
                + "since uncertainties are those of counts"
        case .unclear:
            "the values are no whole numbers, and what one photon counts as cannot be told: uncertainties are those of "
                + "counts; photon_value states it"
        }
    }

    private static func text(_ value: Double) -> String { String(format: "%.3g", value) }
}
