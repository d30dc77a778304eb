public import Detectors
internal import Foundation
internal import Inpainting
public import ScanFiles
public import Volume

/// Where the mask of a scan is to come from.
public struct MaskChoice: Sendable {
    public enum DetectorChoice: Sendable, Equatable {
        /// Recognised from the file.
        case auto
        /// No detector: the file's own mask, or the one given, is all there is.
        case none
        /// Given by the user.
        case named(String)
    }

    public var detector: DetectorChoice
    /// A mask that replaces the detector's; with a detector named by the user, their union.
    public var mask: RecordedMask?
    /// The only detectors that are accepted; `nil` for all that are known.
    public var allowedDetectors: [String]?

    public init(detector: DetectorChoice = .auto, mask: RecordedMask? = nil, allowedDetectors: [String]? = nil) {
        self.detector = detector
        self.mask = mask
        self.allowedDetectors = allowedDetectors
    }
}

/// The detector of a scan and the pixels that its frames lack, (slow = row, fast = column).
public struct ScanGaps: Sendable {
    /// `nil` where a mask stands for the detector.
    public var recognition: Recognition?
    /// The pixels that are masked in every frame.
    public var mask: PixelMask
    /// NXdetector `pixel_mask` of the frames, row-major.
    public var nexusPixelMask: [UInt32]
    /// A mask that differs from frame to frame, to be united with `mask`.
    public var frameMask: RecordedMask?
    /// Recorded values that stand for "no measurement".
    public var flagValues: [Int128]
    /// Top values of a counter or of the type stored, where the detector's description says nothing of flags.
    var unstatedFlags: [Int128] = []
    /// What detector and mask rest on, one readable line each.
    public var evidence: [String]
    /// Why no detector was recognised, where a mask makes up for it.
    private(set) var withoutDetector: String?
    /// Where the mask lies that was given by hand.
    private(set) var givenMask: String?
    /// What a person should know of the mask.
    public var remarks: [String] = []
    /// The least that a frame of the scan holds unless nothing was recorded in it; `nil` where that is not known.
    var leastFrameSum: Double?
    /// What the recorded values mean in photons.
    var photonScale = PhotonScale.counts

    public var detector: Detector? { recognition?.detector }

    /// - Parameter elementType: the number type of the frames, which decides what can be a flag.
    /// - Throws: ``ScanFileError`` when the detector cannot be told or a mask cannot be read.
    public init(
        of scan: Scan, frame: FrameShape, elementType: ElementType?, choice: MaskChoice, catalogue: DetectorCatalogue
    ) throws(ScanFileError) {
        recognition = nil
        mask = PixelMask(shape: frame)
        nexusPixelMask = [UInt32](repeating: 0, count: frame.count)
        evidence = []
        flagValues = []

        do throws(RecognitionError) {
            recognition = try Self.recognise(scan, frame: frame, choice: choice, catalogue: catalogue)
        } catch {
            // A mask makes up for a detector that nobody knows, but not for one that was named wrongly; the file's own not
            // for what the file says against itself, or for a detector that is not to be taken.
            let isExcused =
                choice.mask != nil
                || scan.pixelMask != nil && choice.allowedDetectors == nil && !error.isContradiction
            guard isExcused, choice.detector == .auto else {
                let isOther = scan.pixelMask != nil && choice.allowedDetectors != nil && error.isUnknown
                let kind: ScanFileError.Kind =
                    isOther || error.namesNoDetector && scan.number == nil ? .noScan : .input
                throw ScanFileError(kind, path: scan.input, dataset: scan.entry, problem: "\(error)")
            }
            let reason = "no detector recognised: \(error)"
            withoutDetector = reason
            evidence.append(reason)
        }
        if let elementType {
            flagValues = FlagTable.values(
                listed: recognition?.detector.flagValues, depth: scan.detector.statedBitDepth,
                format: elementType.format)
            if let detector = recognition?.detector, !detector.statesFlags {
                let usual = FlagTable.values(
                    listed: nil, depth: scan.detector.statedBitDepth, format: elementType.format)
                unstatedFlags = usual.filter { !flagValues.contains($0) }
            }
        }

        let replacesDetector = choice.mask != nil && choice.detector == .auto
        if let recognition, !replacesDetector {
            evidence += recognition.evidence
            if let remark = recognition.pixelSizeRemark(scan.detector, scan.operations) { remarks.append(remark) }
            add(recognition.mask, nexus: recognition.nexusPixelMask)
        }
        if let recorded = scan.pixelMask, !replacesDetector { try add(recorded, named: "the file's own mask") }
        if let given = choice.mask {
            try add(given, named: "the mask given")
            givenMask = given.location
        }
        if replacesDetector, let recognition { note(recognition) }
        if let unrecorded = scan.stack?.unrecorded { add(unrecorded: unrecorded) }
    }

    private static func recognise(
        _ scan: Scan, frame: FrameShape, choice: MaskChoice, catalogue: DetectorCatalogue
    ) throws(RecognitionError) -> Recognition? {
        switch choice.detector {
        case .none: return nil
        case .auto:
            return try catalogue.recognise(
                evidence: scan.evidence, frame: frame, operations: scan.operations, allowed: choice.allowedDetectors)
        case .named(let name):
            guard let detector = catalogue[name] else { throw .unknownName(name) }
            return try Recognition(of: detector, frame: frame, operations: scan.operations)
        }
    }

    private mutating func add(_ other: PixelMask, nexus values: [UInt32]) {
        mask.formUnion(other)
        for (index, value) in values.enumerated() { nexusPixelMask[index] |= value }
    }

    /// Masks what no source of a virtual dataset was mapped onto, whatever the detector has there.
    private mutating func add(unrecorded: PixelMask) {
        let beyond = zip(unrecorded.storage, mask.storage).count { $0 && !$1 }
        add(unrecorded, nexus: unrecorded.nexusValues(.gap))
        guard beyond > 0 else { return }
        remarks.append("\(beyond) pixels that are no gap were recorded in no frame (a module that was off?): masked")
    }

    /// Says which gaps of the detector a mask that takes its place leaves as measured.
    private mutating func note(_ recognition: Recognition) {
        let missing = zip(recognition.mask.storage, mask.storage).count { $0 && !$1 }
        guard missing > 0 else { return }
        let name = recognition.detector.name
        remarks.append(
            "the mask given takes the place of that of \(name): \(missing) pixels of its gaps count as measured; "
                + "with --detector \(name), both masks hold")
    }

    private mutating func add(_ recorded: RecordedMask, named name: String) throws(ScanFileError) {
        guard recorded.shape == mask.shape else {
            throw ScanFileError(
                path: recorded.location, problem: "expected a mask of \(mask.shape), found one of \(recorded.shape)")
        }
        evidence.append("\(name): \(recorded.location)")
        let (bits, pixels, isUniform) = try recorded.common()
        try judge(pixels, of: recorded, named: name)
        if !isUniform { frameMask = recorded }
        add(
            PixelMask(shape: mask.shape, storage: pixels),
            nexus: recorded.convention == .nexus
                ? bits : pixels.map { $0 ? NexusPixelStatus.userMask.rawValue : 0 })
    }
}

extension Recognition {
    /// What a person should know where the file states pixels of another size.
    fileprivate func pixelSizeRemark(_ stated: DetectorFields, _ operations: ImageOperations) -> String? {
        guard let slow = stated.yPixelSize, let fast = stated.xPixelSize else { return nil }
        let size = detector.pixelSizeMetres
        // Lima may state those of the sensor or those of the image, turned or not.
        let (rows, columns) = (Double(operations.rowBinning), Double(operations.columnBinning))
        let expected = [size.slow, size.fast, size.slow * rows, size.fast * columns]
        let differs = [slow, fast].contains { value in expected.allSatisfy { abs(value / $0 - 1) > 0.05 } }
        guard differs else { return nil }
        func text(_ metres: Double) -> String { String(format: "%.4g", metres * 1e6) }
        return "the file states pixels of \(text(slow)) x \(text(fast)) µm, and those of \(detector.name) have "
            + "\(text(size.slow)) x \(text(size.fast)) µm: another detector, or binned?"
    }
}

extension RecordedMask {
    /// What holds in every frame: the values of the first one where a pixel is masked in all, which these are, and
    /// whether all frames have the same mask.
    func common() throws(ScanFileError) -> (bits: [UInt32], pixels: [Bool], isUniform: Bool) {
        let reader = try MaskReader(self)
        let first = try reader.bits(frames: 0..<1)
        var pixels = masked(first)
        var isUniform = true
        for frame in 1..<max(1, frames) {
            let bits = try reader.bits(frames: frame..<frame + 1)
            guard bits != first else { continue }
            isUniform = false
            for (pixel, isMasked) in masked(bits).enumerated() where !isMasked { pixels[pixel] = false }
        }
        guard !isUniform else { return (first, pixels, true) }
        return (zip(first, pixels).map { $1 ? $0 : 0 }, pixels, false)
    }

    /// Which pixels the values of this mask exclude.
    func masked(_ bits: [UInt32]) -> [Bool] {
        let shape = FrameShape(rows: 1, columns: bits.count)
        return switch convention {
        case .nexus: PixelMask(shape: shape, nexus: bits).storage
        case .cxi: PixelMask(shape: shape, cxi: bits).storage
        case .nonZero: bits.map { $0 != 0 }
        }
    }
}

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
            // A frame whose file is not there says nothing of any pixel.
            if decoded.isEmpty { continue }
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
        var opposite = OppositeMask(mask)
        for frame in Self.frames(PhotonScaleExamination.frames, of: reader) {
            let decoded = try reader.read(frames: frame..<frame + 1).decode(flagValues: flagValues)
            if decoded.isEmpty { continue }
            examination.add(decoded)
            opposite?.add(decoded)
        }
        if let opposite, opposite.isCertain {
            throw ScanFileError(
                path: reader.stack.sources.first?.path ?? "", dataset: reader.stack.dataset,
                problem: "all counts lie under the mask, and none beside it: a mask says 1 where a pixel is unusable")
        }
        if let stated {
            photonScale = PhotonScale(photon: stated, readoutNoise: examination.readoutNoise)
            remarks.append("one photon counts as \(stated), as stated")
            return
        }
        let finding = examination.finding
        if case .scaled(let scale, _) = finding { photonScale = scale }
        if let remark = finding.remark { remarks.append(remark) }
        if let drift = examination.drift {
            let (least, most) = (String(format: "%.3g", drift.lowerBound), String(format: "%.3g", drift.upperBound))
            let photon = photonScale.photon
            let error = max(drift.upperBound / photon, photon / drift.lowerBound).squareRoot() - 1
            remarks.append(
                "a photon counts as \(least) in one frame and as \(most) in another, as after division by a monitor that "
                    + "drifts: stated uncertainties are off by up to \(Int((100 * error).rounded())) %; give the frames "
                    + "as they were recorded")
        }
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
