internal import Dispatch
internal import Inpainting
internal import ScanFiles
internal import Synchronization
internal import Volume
internal import WorkMessages

/// Some frames of a scan as they were recorded.
struct RecordedBlock<Count: OutputCount> {
    /// Their place in the scan.
    var position: Range<Int>
    var frames: FrameBlock
    /// The recorded counts, where they cannot be taken from the frames as decoded for filling.
    var counts: DecodedFrames<Count>?
    /// Frames in which nothing was recorded, by their place in the scan.
    var empty: [Int] = []
    /// Frames that were never recorded, by their place in the scan.
    var missing: [Int] = []
    /// The saturated pixels of each frame, whatever becomes of them.
    var saturated: [[Int]] = []
}

/// The frames of a scan in blocks, as often as they are wanted; the first ones are kept, as far as there is room.
final class RecordedFrames<Count: OutputCount> {
    /// Wall seconds spent in two stages so far.
    struct Seconds {
        var read = 0.0
        var mask = 0.0
    }

    let shape: VolumeShape
    private(set) var seconds = Seconds()
    private let input: String
    private let reader: FrameReader
    private let flagValues: [Int128]
    private let leastFrameSum: Double?
    /// How many frames are added to one.
    private let exposures: Int
    private let photonScale: PhotonScale
    let saturation: Saturation?
    private let mask: PixelMask
    private let blocks: [Range<Int>]
    private var plans: FramePlans
    /// How many of the first blocks are kept.
    private let keptCount: Int
    private var kept: [Int: RecordedBlock<Count>] = [:]

    /// - Throws: ``ScanFileError`` for a scan or a mask that cannot be opened any more.
    init(_ scan: Scan, gaps: ScanGaps, sums: SummedPixels?, settings: ProcessingSettings) throws {
        input = scan.input
        flagValues = gaps.flagValues
        (leastFrameSum, mask) = (gaps.leastFrameSum, gaps.mask)
        photonScale = gaps.photonScale
        saturation = Saturation(of: scan, gaps: gaps, use: settings.saturated)
        reader = try FrameReader(scan)
        let exposures = scan.addedExposures
        self.exposures = exposures
        shape = VolumeShape(frames: reader.shape.frames / exposures, frame: reader.shape.frame)
        blocks = Self.blocks(of: shape, exposures: exposures, memoryLimitMiB: settings.memoryLimitMiB)
        plans = try ContinuousClock().add(to: &seconds.mask) {
            try FramePlans(gaps, maximumWidth: settings.maxGapPixels, sums: sums, exposures: exposures)
        }
        let frameBytes = shape.frame.count * Count.bytesPerVoxel
        let keptFrames = settings.memoryLimitMiB << 20 / 16 / frameBytes
        keptCount = blocks.count { $0.upperBound <= keptFrames }
    }

    /// A power of two in each, so that they fit the groups of frames that others work on.
    private static func blocks(of shape: VolumeShape, exposures: Int, memoryLimitMiB: Int) -> [Range<Int>] {
        // A voxel takes about 40 bytes: three blocks as read, decoded and filled, their errors, and their masks.
        let voxels = memoryLimitMiB << 20 / 3 / 40
        let fitting = max(1, min(32, voxels / shape.frame.count / exposures))
        let count = 1 << (Int.bitWidth - 1 - fitting.leadingZeroBitCount)
        return stride(from: 0, to: shape.frames, by: count).map { $0..<min($0 + count, shape.frames) }
    }

    /// Goes once through the blocks that hold frames which are wanted, in order.
    ///
    /// - Parameter isLast: nothing is wanted afterwards, so that what was kept can be handed over.
    func pass(isLast: Bool = false, where isWanted: (Range<Int>) -> Bool = { _ in true }) -> Pass {
        let wanted = blocks.indices.filter { isWanted(blocks[$0]) }
        let missing = wanted.filter { kept[$0] == nil }.map { blocks[$0] }
        let (reader, flagValues, exposures) = (reader, flagValues, exposures)
        let input = Prefetch(count: missing.count) { index in
            var read = 0.0
            let block = try ContinuousClock().add(to: &read) { () throws in
                let raw = try reader.read(
                    frames: missing[index].lowerBound * exposures..<missing[index].upperBound * exposures)
                let counts = Count.counts(of: raw, flagValues: flagValues)
                return (decoded: raw.decode(flagValues: flagValues), counts: counts)
            }
            return DecodedBlock(position: missing[index], frames: block.decoded, counts: block.counts, seconds: read)
        }
        return Pass(frames: self, left: wanted[...], input: input, isLast: isLast)
    }

    /// - Throws: ``ScanFileError`` when a file has vanished or changed since the scan was looked at.
    func verifyUnchanged() throws { try reader.verifyUnchanged() }

    /// One block as it comes from the reading thread.
    fileprivate struct DecodedBlock: Sendable {
        var position: Range<Int>
        var frames: DecodedFrames<Float>
        var counts: DecodedFrames<Count>?
        var seconds: Double
    }

    /// One way through the blocks of a scan.
    struct Pass {
        fileprivate let frames: RecordedFrames
        fileprivate var left: ArraySlice<Int>
        fileprivate let input: Prefetch<DecodedBlock>
        fileprivate var taken = 0
        fileprivate let isLast: Bool

        /// The next block; `nil` after the last one.
        ///
        /// - Throws: ``ScanFileError``, or what ``OutputCount/inexact(in:)`` says of a count.
        mutating func next() throws -> RecordedBlock<Count>? {
            guard let index = left.popFirst() else { return nil }
            if let block = isLast ? frames.kept.removeValue(forKey: index) : frames.kept[index] { return block }
            defer { taken += 1 }
            let block = try frames.recorded(input.take(taken))
            if index < frames.keptCount, !isLast { frames.kept[index] = block }
            return block
        }
    }

    private func recorded(_ decoded: DecodedBlock) throws -> RecordedBlock<Count> {
        var decoded = decoded
        seconds.read += decoded.seconds
        guard Count.holds(decoded.frames, decoded.counts) else { throw Count.inexact(in: input) }
        var saturated = saturation?.take(from: &decoded.frames, mask: mask) ?? []
        if exposures > 1 {
            saturated = stride(from: 0, to: saturated.count, by: exposures).map { first in
                Set(saturated[first..<first + exposures].joined()).sorted()
            }
            decoded.frames = decoded.frames.summed(by: exposures)
            decoded.counts = decoded.counts?.summed(by: exposures)
            guard Count.holds(decoded.frames, decoded.counts) else { throw Count.inexact(in: input) }
        }
        let empty = maskEmptyFrames(&decoded.frames)
        let framePlans = try ContinuousClock().add(to: &seconds.mask) { try plans.plans(for: decoded.frames) }
        let shape = VolumeShape(frames: decoded.position.count, frame: shape.frame)
        // Fillers expect counts; what was measured goes to the output as it is.
        let isChanged = decoded.frames.hasNegative || photonScale.photon != 1
        let counts = Count.recorded(decoded.frames, decoded.counts, isChanged: isChanged)
        if isChanged { decoded.frames.countPhotons(of: photonScale.photon) }
        let data = Volume(shape: shape, storage: decoded.frames.takeVoxels())
        return RecordedBlock(
            position: decoded.position, frames: FrameBlock(data: data, plans: framePlans), counts: counts,
            empty: empty, missing: decoded.frames.missing, saturated: saturated)
    }

    /// Has all voxels of a frame masked that holds nothing where chance would leave less than one in 10^21 so.
    private func maskEmptyFrames(_ decoded: inout DecodedFrames<Float>) -> [Int] {
        guard let leastFrameSum, leastFrameSum >= 50 else { return [] }
        let pixels = shape.frame.count
        // Counted from the first frame of the block.
        let empty = (0..<decoded.frames.count).filter { index in
            guard !decoded.missing.contains(decoded.frames.lowerBound + index) else { return false }
            return (0..<pixels).allSatisfy { decoded.voxels[index * pixels + $0] == 0 || mask.storage[$0] }
        }
        for index in empty { decoded.invalidate(frame: index) }
        return empty.map { decoded.frames.lowerBound + $0 }
    }
}

/// Produces the next element on another thread while the current one is being used.
final class Prefetch<Element: Sendable>: Sendable {
    private let queue = DispatchQueue(label: "lacuna.prefetch")
    private let produce: @Sendable (Int) throws -> Element
    private let count: Int
    private let next = Mutex<Result<Element, any Error>?>(nil)

    /// - Parameter produce: makes element `0..<count`, called in order and never twice at the same time.
    init(count: Int, produce: @escaping @Sendable (Int) throws -> Element) {
        self.count = count
        self.produce = produce
        start(0)
    }

    /// Waits for an element and starts on the one after it.
    ///
    /// - Precondition: elements are taken in order, each once.
    func take(_ index: Int) throws -> Element {
        let element = queue.sync { next.withLock { $0.take() } }
        start(index + 1)
        guard let element else { preconditionFailure("element \(index) was taken out of order") }
        return try element.get()
    }

    private func start(_ index: Int) {
        guard index < count else { return }
        queue.async { [self] in
            let result = Result { try produce(index) }
            next.withLock { $0 = result }
        }
    }
}
