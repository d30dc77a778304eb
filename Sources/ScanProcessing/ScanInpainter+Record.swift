internal import Conventions
internal import Detectors
internal import Foundation
internal import Inpainting
internal import ScanFiles
internal import Volume
internal import WorkMessages

// What the output file records beside the frames.
extension ScanInpainter {
    func header(shape: VolumeShape, type: ElementType) -> InpaintedFileHeader {
        var detector = DetectorHeader(
            description: gaps.detector?.description ?? scan.evidence.first?.text ?? "unknown",
            pixelMask: gaps.nexusPixelMask)
        detector.xPixelSizeMetres = scan.detector.xPixelSize ?? gaps.detector?.pixelSizeMetres.fast
        detector.yPixelSizeMetres = scan.detector.yPixelSize ?? gaps.detector?.pixelSizeMetres.slow
        detector.distanceMetres = scan.detector.distance
        if let name = gaps.detector?.name { detector.fields.append(NexusField("local_name", .text(name))) }
        if let centre = scan.detector.beamCenterX {
            detector.fields.append(NexusField("beam_center_x", .number(centre), units: "pixel"))
        }
        if let centre = scan.detector.beamCenterY {
            detector.fields.append(NexusField("beam_center_y", .number(centre), units: "pixel"))
        }
        // The file that is named need not be one that holds frames, e.g. a master.
        let raw = (try? SourceFile(scan.input)) ?? stack.sources.first
        var source = RawFileNote(
            name: OutputProvenance.relativePath(of: scan.input, from: AbsolutePath.directory(of: output)),
            dataset: stack.dataset, sizeBytes: raw?.size ?? 0,
            modificationTime: Self.isoTime(raw?.modificationTime ?? 0))
        source.requester = requester
        source.directory = AbsolutePath.directory(of: scan.input)
        source.frameFiles = stack.sources.map { ($0.path, $0.size) }
        var header = InpaintedFileHeader(
            shape: shape, program: "lacuna", version: version, detector: detector, source: source)
        header.elementType = type
        header.title = scan.title
        header.startTime = scan.startTime
        header.endTime = scan.endTime
        header.identifier = Self.identifier(of: scan)
        header.axis = scan.scannedMotor.map { ScannedAxis(name: $0.name, positions: $0.values, units: $0.units) }
        header.groupsToCopy = scan.groupsToCopy.map {
            GroupCopy(
                file: $0.file, path: $0.path, destination: "/entry/\($0.destination)",
                nexusClass: $0.destination == "sample" ? "NXsample" : "NXcollection")
        }
        return header
    }

    /// The scan within its file, e.g. `12.1`.
    static func identifier(of scan: Scan) -> String { String(scan.entry.drop { $0 == "/" }) }

    func process(
        _ choice: FillerChoice, quality: InpaintReport.Quality, judgement: GapJudgement, edgePixels: ScanEdgePixels
    ) -> InpaintingProcess {
        let modified = stack.sources.map(\.modificationTime).max() ?? 0
        var process = InpaintingProcess(date: date.formatted(.iso8601), method: method(of: choice).rawValue)
        process.scanDate = scan.endTime ?? Self.isoTime(modified)
        process.command = command
        process.parameters = [
            NexusField("method_asked_for", .text(settings.method.rawValue)),
            NexusField("quality", .text(settings.quality.rawValue)),
            NexusField("fine_tuned", .integer(choice.isFineTuned ? 1 : 0)),
            NexusField("max_gap_pixels", .integer(settings.maxGapPixels)),
            NexusField("phasing_mask", .text(settings.phasingMask.rawValue)),
            NexusField("preview", .integer(settings.preview ? 1 : 0)),
            NexusField("edge_pixels", .text(edgePixels.use.rawValue)),
            NexusField("detector_evidence", .text(gaps.evidence.joined(separator: "\n"))),
        ]
        if model(of: choice) != nil {
            process.parameters.append(NexusField("precision", .text(NetworkFiller.precision)))
        }
        process.model = model(of: choice).map { InpaintingProcess.Model(name: $0.name, sha256: $0.sha256) }
        process.quality =
            (quality.figures + choice.selfCheck.figures).compactMap { name, value in
                value.map { NexusField(figure: name, .number($0)) }
            } + [NexusField(figure: "samples", .integer(quality.samples))]
        process.gaps = judgement.gaps.map(\.fields)
        return process
    }

    /// The network that was used in the end.
    func model(of choice: FillerChoice) -> InpaintReport.Model? {
        method(of: choice) == .network ? asked.model : nil
    }

    /// What filled the gaps: the quickest way of the network leaves the network itself out.
    func method(of choice: FillerChoice) -> FillMethod {
        choice.filler.method == .network && settings.quality == .fast ? .kriging : choice.filler.method
    }

    /// The command line that does the same by hand, whoever asked for it; the output's name is left out.
    private var command: String {
        let selection = scan.number.map { _ in ["--scan", String(scan.key.drop { $0 == "/" })] } ?? []
        let detector = gaps.recognition.map { ["--detector", $0.detector.name] } ?? []
        let mask = gaps.givenMask.map { ["--mask", $0] } ?? []
        return (["lacuna", "inpaint", scan.input] + selection + settings.arguments + detector + mask).map(Shell.quoted)
            .joined(separator: " ")
    }

    private static func isoTime(_ secondsSince1970: Double) -> String {
        Date(timeIntervalSince1970: secondsSince1970).formatted(.iso8601)
    }

    /// Writes the picture beside the output, under the same stem.
    ///
    /// The output is whole without it: what keeps the picture from being written is a remark.
    /// - Returns: the path of the picture, and a remark where there is none.
    /// - Throws: ``ScanFileError`` where the output cannot be read back; it is removed then.
    func writePreview(
        _ choice: FillerChoice, quality: InpaintReport.Quality, _ judgement: GapJudgement
    ) throws(ScanFileError) -> (path: String?, remark: String?) {
        let picture: PreviewPicture
        do throws(ScanFileError) {
            picture = try PreviewPicture(readingFrom: output, threads: settings.threads)
        } catch {
            unlink(output)
            throw error
        }
        let name = URL(filePath: scan.input).deletingPathExtension().lastPathComponent
        let number = scan.number.map { " scan \($0)" } ?? ""
        let tuned = choice.isFineTuned ? ", fine-tuned" : ""
        let figures = quality.pcc.map { String(format: ", expected PCC %.3f", $0) } ?? ""
        let path = OutputName.picture(ofOutput: output)
        do throws(ScanFileError) {
            try picture.write(
                to: path, claim: claim,
                title: "\(name)\(number), \(gaps.detector?.name ?? "mask given")",
                subtitle: "gaps filled by \(method(of: choice).rawValue)\(tuned)\(figures)",
                verdicts: FillVerdict.allCases.compactMap { verdict in
                    let gaps = judgement.gaps.filter { $0.verdict == verdict }.summary
                    return gaps.isEmpty ? nil : (gaps, verdict.colour)
                })
        } catch  where error.kind == .occupied {
            return (nil, "no picture was written: \(error.path) is no picture of this output, and is not replaced")
        } catch {
            return (nil, "no picture was written: \(error)")
        }
        return (path, nil)
    }

    func remarks(_ choice: FillerChoice) -> [String] {
        var remarks = [asked.remark].compactMap { $0 } + scan.remarks + choice.remarks
        let completeness = scan.completeness
        if completeness.state == .aborted || completeness.isOpenAndShort {
            remarks.append("aborted after \(completeness.frames)")
        }
        if gaps.recognition == nil { remarks += gaps.evidence }
        remarks += gaps.remarks
        let wide = gaps.mask.bands.filter { $0.width > settings.maxGapPixels }
        if !wide.isEmpty {
            let names = wide.map { "\($0), \($0.width) pixels" }.joined(separator: "; ")
            remarks.append("left unfilled, since it is wider than max_gap_pixels (\(settings.maxGapPixels)): \(names)")
        }
        return remarks
    }

    /// What the network was told of the Friedel mates.
    func mirrorRemark(_ mirror: BraggMirror?, _ choice: FillerChoice) -> String? {
        guard let mirror, method(of: choice) == .network else { return nil }
        return String(format: "the Friedel mates agree: correlation %.2f", mirror.correlation)
    }
}

extension NexusField {
    /// What the figures of quality mean; those of the self-check have `self_check_` before.
    private static let meanings = [
        "pcc": "PCC of log(1+I) to be expected in the real gaps",
        "self_check_pcc": "PCC of log(1+I) in hidden gaps, by the method that filled",
        "pcc_before_fine_tune": "PCC of log(1+I) in hidden gaps, by the network as it came",
        "pcc_linear": "PCC of log(1+I) in hidden gaps, by linear interpolation",
        "pcc_kriging": "PCC of log(1+I) in hidden gaps, by kriging",
        "misfit": "squared error of log(1+I) in hidden gaps over that of photon noise alone; 1 is the limit",
        "within_1_sigma": "share of the hidden voxels that lie within the limits for 68 %",
        "within_2_sigma": "share of the hidden voxels that lie within the limits for 95 %",
        "variance_scale": "by what the variances that the method states were multiplied",
        "samples": "number of hidden gaps",
        "expected_pcc": "PCC of log(1+I) to be expected in this gap",
        "attainable_pcc": "PCC of log(1+I) in this gap that photon noise alone would leave",
        "intensity_bias": "summed estimate over summed counts of hidden gaps of this width, less 1; their median",
    ]

    /// A figure of quality, with what it means.
    fileprivate init(figure name: String, _ value: Value) {
        let plain = name.replacing("self_check_", with: "")
        self.init(name, value, meaning: Self.meanings[name] ?? Self.meanings[plain])
    }
}

extension ScanCompleteness {
    /// e.g. "57 of 201 frames".
    var frames: String {
        framesExpected.map { "\(framesWritten) of \($0) frames" } ?? "\(framesWritten) frames"
    }
}

extension FillVerdict {
    /// In which it is written on pictures.
    fileprivate var colour: PreviewPicture.Emphasis {
        switch self {
        case .trust: .good
        case .boundsOnly: .fair
        case .leaveFree: .poor
        case .unknown: .unknown
        }
    }
}

extension GapReport {
    /// For the output file.
    fileprivate var fields: [NexusField] {
        let figures: [(String, Double?)] = [
            ("expected_pcc", expectedPCC), ("attainable_pcc", attainablePCC), ("intensity_bias", intensityBias),
        ]
        return [
            NexusField("name", .text(name)), NexusField("width", .integer(width), units: "pixel"),
            NexusField("filled_voxels", .integer(filledVoxels)), NexusField("verdict", .text(verdict.rawValue)),
            NexusField("reason", .text(reason)), NexusField(figure: "samples", .integer(samples)),
        ] + figures.compactMap { name, value in value.map { NexusField(figure: name, .number($0)) } }
    }
}
