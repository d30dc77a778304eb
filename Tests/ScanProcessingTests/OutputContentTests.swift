import Detectors
import Foundation
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import Inpainting
@testable import ScanFiles
@testable import ScanProcessing

/// What stands in the output of a whole scan, against what the gap of the synthetic scan really holds.
@Suite struct OutputContentTests {
    private func inpaint(
        _ scan: SyntheticScan, network: FakeNetwork? = nil, gaps: ScanGaps? = nil,
        found know: (inout Scan) -> Void = { _ in }, settings change: (inout ProcessingSettings) -> Void
    ) throws -> (report: InpaintReport, file: HDF5Group) {
        var settings = ProcessingSettings()
        (settings.preview, settings.fineTune) = (false, .off)
        change(&settings)
        let model = try scan.directory.write("model", "weights")
        let fillers = FillerFactory(shippedModel: network.map { _ in model }) { _ in
            network ?? FakeNetwork(fault: .none)
        }
        let path = "\(scan.directory.path)/\(UUID().uuidString).h5"
        var found = try scan.scan()
        know(&found)
        let report = try ScanInpainter(
            scan: found, gaps: gaps ?? scan.gaps(), settings: settings, fillers: fillers, output: path, version: "0"
        ).run { _ in }
        return (report, try HDF5File(readingFrom: path).root)
    }

    /// Some two thirds of what the gap holds lie within the errors that the file states, whatever a photon counts as.
    @Test(arguments: [Float(1), 4]) func theErrorsOfTheFileHold(photonValue: Float) throws {
        let scan = try SyntheticScan(photonValue: photonValue)
        let (_, file) = try inpaint(scan) {
            $0.method = .kriging
            $0.photonValue = Double(photonValue)
        }
        let data: [Float] = try file.read("entry/data/data")
        let errors: [Float] = try file.read("entry/data/data_errors")
        var (one, two, filled, wrong) = (0.0, 0.0, 0.0, 0)
        for voxel in scan.counts.indices {
            let count = Float(scan.counts[voxel])
            if scan.mask.storage[voxel % scan.shape.frame.count] {
                filled += 1
                one += abs(data[voxel] - count) <= errors[voxel] ? 1 : 0
                two += abs(data[voxel] - count) <= 2 * errors[voxel] ? 1 : 0
            } else if data[voxel] != count || abs(errors[voxel] - (count * photonValue).squareRoot()) > 1e-3 {
                wrong += 1
            }
        }
        #expect(wrong == 0)
        #expect(one / filled > 0.55 && one / filled < 0.83, "\(one / filled) within one error")
        #expect(two / filled > 0.85 && two / filled < 0.99, "\(two / filled) within two errors")
    }

    /// A filler that is surer or less sure than it should be is corrected by what the hidden gaps show.
    @Test func theErrorsOfTheFileAreScaledAsTheCheckSays() throws {
        let scan = try SyntheticScan(photonValue: 1)
        var (blocks, scales): ([FrameBlock], [Double]) = ([], [])
        let plan = GapPlan(mask: scan.mask, maximumWidth: 44)
        for fault in [FakeNetwork.Fault.none, .unsure] {
            let (report, file) = try inpaint(scan, network: FakeNetwork(fault: fault)) { _ in }
            #expect(report.method == "network")
            scales.append(try #require(report.selfCheck?.varianceScale).squareRoot())
            var block = FrameBlock(
                data: Volume(shape: scan.shape, storage: try file.read("entry/data/data")),
                plans: [GapPlan](repeating: plan, count: scan.shape.frames))
            block.errors = Volume(shape: scan.shape, storage: try file.read("entry/data/data_errors"))
            blocks.append(block)
        }
        #expect(scales[1] < 0.8 * scales[0])
        blocks[0].scaleErrors(by: Float(3 * scales[1] / scales[0]))
        let errors = try blocks.map { try #require($0.errors).storage }
        let ratios = zip(errors[0], errors[1]).enumerated().compactMap { voxel, errors in
            scan.mask.storage[voxel % scan.shape.frame.count] ? errors.1 / errors.0 : nil
        }.sorted()
        #expect(abs(ratios[ratios.count / 2] - 1) < 0.05)
    }

    /// Each block is given with the eight frames before and after it, as they were measured, and the Friedel mates of
    /// these.
    @Test func everyBlockIsSeenBetweenItsNeighbours() throws {
        let scan = try SyntheticScan(VolumeShape(frames: 37, rows: 60, columns: 112), peak: 20_000, isOnePeak: true)
        let network = FakeNetwork(fault: .none)
        _ = try inpaint(scan, network: network) { $0.memoryLimitMiB = 8 }
        let blocks = network.seen.blocks.filter { $0.data.shape.frame == scan.shape.frame }
        #expect(blocks.count == 5)
        func mates(_ block: FrameBlock, _ frames: Range<Int>) throws -> [UInt32] {
            let images = try #require(block.mirror?.images(frames: frames, rows: 0..<60, columns: 50..<60))
            return images.storage.map { $0.isNaN ? .max : $0.bitPattern }
        }
        var position = 0
        for block in blocks {
            let end = position + block.frames.count
            let seen = max(0, position - 8)..<min(scan.shape.frames, end + 8)
            #expect(block.frames.lowerBound == position - seen.lowerBound)
            try #require(block.data.shape.frames == seen.count)
            let first = seen.lowerBound * scan.shape.frame.count
            #expect(
                block.data.storage.indices.allSatisfy {
                    scan.mask.storage[$0 % scan.shape.frame.count]
                        || block.data.storage[$0] == Float(scan.counts[first + $0])
                })
            #expect(try mates(block, 0..<seen.count) == mates(blocks[0], seen))
            position = end
        }
        #expect(position == scan.shape.frames)
    }

    /// Without masks of single frames, too.
    @Test(arguments: [5, 6]) func aGapWiderThanAskedForStaysUnusable(maximum: Int) throws {
        let scan = try SyntheticScan()
        let (report, file) = try inpaint(scan) {
            $0.method = .kriging
            $0.maxGapPixels = maximum
        }
        let gap = scan.mask.maskedCount * scan.shape.frames
        #expect(report.maskedVoxels == gap && report.filledVoxels == (maximum < 6 ? 0 : gap))
        let words = "left unfilled, since it is wider than max_gap_pixels (5): "
        #expect(report.remarks.contains { $0.hasPrefix(words) && $0.contains("6 pixels") } == (maximum < 6))
        let inpainted: [UInt8] = try file.read("entry/data/inpainted")
        let unusable: [UInt8] = try file.read("entry/data/data_mask")
        let mask = (0..<scan.shape.frames).flatMap { _ in scan.mask.storage.map { $0 ? 1 : 0 as UInt8 } }
        let nothing = [UInt8](repeating: 0, count: scan.shape.count)
        #expect(inpainted == (maximum < 6 ? nothing : mask) && unusable == (maximum < 6 ? mask : nothing))
    }

    /// A figure without a word is read as another one: that of the real gaps and that of hidden ones are different things.
    @Test func eachFigureOfQualitySaysWhatItMeans() throws {
        let (_, file) = try inpaint(SyntheticScan()) { $0.method = .kriging }
        let quality = try #require(try file.open("entry/inpainting/quality").group)
        for name in try quality.names() {
            let meaning = try file.open("entry/inpainting/quality/\(name)").dataset?.textAttribute("long_name")
            #expect(meaning?.isEmpty == false, "\(name)")
        }
        let pcc = try file.open("entry/inpainting/quality/pcc").dataset?.textAttribute("long_name")
        #expect(pcc?.contains("real gaps") == true)
    }

    /// What the frames show to be no measurement is filled as a gap is, and stands in the masks.
    @Test func aPixelThatIsStuckIsMaskedAndFilled() throws {
        let stuck = 10 * 112 + 20
        let scan = try SyntheticScan(stuckPixels: [stuck: 7777])
        let (report, file) = try inpaint(scan) { $0.method = .kriging }
        #expect(report.maskedVoxels == (scan.mask.maskedCount + 1) * scan.shape.frames)
        #expect(report.remarks.contains { $0.contains("1 pixel hold the same value in every frame looked at: masked") })
        let inpainted: [UInt8] = try file.read("entry/data/inpainted")
        let data: [Float] = try file.read("entry/data/data")
        for voxel in stride(from: stuck, to: scan.shape.count, by: scan.shape.frame.count) {
            #expect(inpainted[voxel] == 1 && data[voxel] < 300)
        }
        let mask: [UInt32] = try #require(try file.open("entry/instrument/detector/pixel_mask").dataset).read()
        #expect(mask[stuck] == NexusPixelStatus.dead.rawValue)
    }

    /// Whatever numbers a file holds, they are written as they were recorded, and the fill between them is a number.
    @Test(arguments: [ElementType.uint32, .float32]) func numbersThatAreNoSmallCountsAreKept(type: ElementType) throws {
        let scan = try SyntheticScan()
        // Counts that 32 bits would round, or the noise of an integrating detector.
        let values = scan.counts.enumerated().map { voxel, count in
            voxel % 11 != 0 ? Double(count) : type == .uint32 ? 16_777_217 : -3.5
        }
        try FileManager.default.removeItem(atPath: scan.path)
        func write<Number>(_ numbers: [Number]) throws {
            try numbers.withUnsafeBytes {
                try NumpyFile.write($0, elementType: type, shape: scan.shape.extents, to: scan.path)
            }
        }
        if type == .uint32 { try write(values.map { UInt32($0) }) } else { try write(values.map { Float($0) }) }
        let (_, file) = try inpaint(scan) {
            ($0.method, $0.photonValue) = (.kriging, 1)
        }
        let dataset = try #require(try file.open("entry/data/data").dataset)
        #expect(dataset.elementType == (type == .uint32 ? .float64 : .float32))
        let data: [Double] = try dataset.read()
        let wrong = data.indices.count {
            scan.mask.storage[$0 % scan.shape.frame.count] ? !(data[$0] >= 0 && data[$0] < 1e9) : data[$0] != values[$0]
        }
        #expect(wrong == 0)
    }

    /// The mask by which phase retrieval leaves voxels free follows the setting, and the verdict of each gap.
    @Test(arguments: PhasingMask.allCases, [FillMethod.linear, .kriging])
    func theMaskForPhaseRetrievalIsAsAskedFor(choice: PhasingMask, method: FillMethod) throws {
        let scan = try SyntheticScan(peak: 5000, photonValue: 1)
        let (report, file) = try inpaint(scan) {
            ($0.method, $0.phasingMask, $0.photonValue) = (method, choice, 1)
        }
        let gap = try #require(report.gaps?.first)
        #expect(report.gaps?.count == 1 && gap.verdict == (method == .linear ? .unknown : .trust), "\(gap)")
        let isFree =
            switch choice {
            case .verdict: method == .linear
            case .estimates: true
            case .unfilled: false
            }
        let mask: [UInt8] = try file.read("entry_1/instrument_1/detector_1/mask")
        let expected = scan.mask.storage.map { $0 && isFree ? 1 : 0 as UInt8 }
        #expect(mask == (0..<scan.shape.frames).flatMap { _ in expected })
    }

    /// The file's own mask holds beside one that is given for a detector.
    @Test func theFilesOwnMaskIsUnitedWithTheOneGiven() throws {
        let scan = try SyntheticScan()
        var own = PixelMask(shape: scan.shape.frame)
        own.mask(rows: 10..<12)
        var found = try scan.scan()
        found.pixelMask = try RecordedMask(
            .nexus, bits: own.storage.map { $0 ? 2 : 0 }, frame: scan.shape.frame, location: "own", for: scan.shape)
        for given in [nil, scan.mask] {
            let gaps = try ScanGaps(
                of: found, frame: scan.shape.frame, elementType: .uint16,
                choice: MaskChoice(
                    detector: .none,
                    mask: try given.map {
                        try RecordedMask(
                            .nonZero, bits: $0.storage.map { $0 ? 1 : 0 }, frame: scan.shape.frame, location: "given",
                            for: scan.shape)
                    }),
                catalogue: try DetectorCatalogue(directories: [scan.directory.path]))
            var expected = own
            if let given { expected.formUnion(given) }
            #expect(gaps.mask == expected)
            #expect(gaps.nexusPixelMask[10 * 112] == 2 && gaps.evidence.contains("the file's own mask: own"))
        }
    }

    /// Where the file does not state them, the sizes of pixels are those of the detector, which need not be square.
    @Test func theDetectorTellsTheSizesOfItsPixels() throws {
        let scan = try SyntheticScan()
        try scan.directory.write(
            "own.yaml", "name: own\nshape: [40, 112]\npixel_size_um: [75, 55]\nbare: {columns: [\"53:59\"]}\n")
        let gaps = try ScanGaps(
            of: scan.scan(), frame: scan.shape.frame, elementType: .uint16,
            choice: MaskChoice(detector: .named("own")),
            catalogue: DetectorCatalogue(directories: [scan.directory.path]))
        let (_, file) = try inpaint(scan, gaps: gaps, settings: { $0.method = .linear })
        for (name, size) in [("x_pixel_size", 5.5e-5), ("y_pixel_size", 7.5e-5)] {
            let found: [Double] = try #require(try file.open("entry/instrument/detector/\(name)").dataset).read()
            #expect(found == [size], "\(name)")
        }
    }

    @Test func theFileHoldsWhatIsKnownOfTheScan() throws {
        let scan = try SyntheticScan()
        let positions = (0..<scan.shape.frames).map { 18 + 0.01 * Double($0) }
        let raw = "\(scan.directory.path)/raw.h5"
        try HDF5File(creating: raw).root.createGroup("motors").write("delta", 31.5)
        let (_, file) = try inpaint(scan) { found in
            found.groupsToCopy = [
                GroupToCopy(file: raw, path: "/motors", destination: "instrument/positioners")
            ]
            found.title = "ascan eta 18 18.15 15 1"
            (found.startTime, found.endTime) = ("2026-11-20T21:00:00", "2026-11-20T21:01:00")
            found.scannedMotor = ScannedMotor(name: "eta", values: positions, units: "deg")
            (found.detector.xPixelSize, found.detector.yPixelSize, found.detector.distance) = (5.5e-5, 7.5e-5, 1.4)
            (found.detector.beamCenterX, found.detector.beamCenterY) = (50.5, 20.25)
        } settings: {
            $0.method = .linear
        }
        func number(_ name: String) throws -> (value: Double?, units: String?) {
            let dataset = try #require(try file.open("entry/\(name)").dataset)
            let value: [Double] = try dataset.read()
            return (value.first, try dataset.textAttribute("units"))
        }
        for (name, value, units) in [
            ("data/eta", 18, "deg"), ("instrument/positioners/delta", 31.5, nil),
            ("instrument/detector/x_pixel_size", 5.5e-5, "m"),
            ("instrument/detector/y_pixel_size", 7.5e-5, "m"), ("instrument/detector/distance", 1.4, "m"),
            ("instrument/detector/beam_center_x", 50.5, "pixel"), ("instrument/detector/beam_center_y", 20.25, "pixel"),
        ] {
            let found = try number(name)
            #expect(found.value == value && found.units == units, "\(name): \(found)")
        }
        #expect(try #require(try file.open("entry/data/eta").dataset).read() as [Double] == positions)
        let texts = LinkedGroup(group: file, walker: LinkWalker())
        #expect(texts.text("entry/title") == "ascan eta 18 18.15 15 1")
        #expect(texts.text("entry/start_time") == "2026-11-20T21:00:00")
        #expect(texts.text("entry/end_time") == "2026-11-20T21:01:00")
        // A mask that was given is the user's: bit 8 of NXdetector's pixel_mask.
        let mask: [UInt32] = try #require(try file.open("entry/instrument/detector/pixel_mask").dataset).read()
        #expect(mask == scan.mask.storage.map { $0 ? 1 << 8 : 0 })
    }
}

extension HDF5Group {
    fileprivate func read(_ name: String) throws -> [UInt8] { try #require(try open(name).dataset).read() }
    fileprivate func read(_ name: String) throws -> [Float] {
        try #require(try open(name).dataset).read(as: Float.self)
    }
}
