internal import Foundation
public import Volume

/// Reads the frames of a stack block by block; nothing but the block is kept in memory.
///
/// It takes no lock and writes nothing, so that a detector server is not disturbed. Calls from several threads are
/// served one after the other; reading forwards is fastest, and from a compressed `.npz` the only fast way.
public final class FrameReader: Sendable {
    public let stack: FrameStack
    /// The frames that can be read, in axis order: fewer than those of ``stack`` after an aborted scan.
    public let shape: VolumeShape
    private let lock = NSLock()
    /// `nonisolated(unsafe)`: used by ``read(frames:)`` only, under `lock`.
    nonisolated(unsafe) private var source: any FrameSource

    /// - Throws: ``ScanFileError``: the scan's own problem, or a file that cannot be opened any more.
    public convenience init(_ scan: Scan) throws(ScanFileError) {
        if let problem = scan.problem { throw problem }
        guard let stack = scan.stack else {
            throw ScanFileError(path: scan.input, dataset: scan.entry, problem: "holds no stack of images")
        }
        try self.init(stack, frames: scan.completeness.framesWritten)
    }

    /// - Parameter frames: How many of the first frames may be read; `nil` stands for all.
    init(_ stack: FrameStack, frames: Int? = nil) throws(ScanFileError) {
        self.stack = stack
        shape = VolumeShape(frames: frames ?? stack.shape.frames, frame: stack.shape.frame)
        source = try Self.source(of: stack)
    }

    private static func source(of stack: FrameStack) throws(ScanFileError) -> any FrameSource {
        switch stack.storage {
        case .segments(let segments): SegmentSource(segments, elementType: stack.elementType)
        case .mosaic(let location): try MosaicSource(location, elementType: stack.elementType)
        case .array(let location): try NumpySource(location)
        }
    }

    /// How many frames to read at a time: blocks above 32 MB cost a third more, since the C library returns such memory
    /// to the system and has it cleared again every time.
    public var blockFrames: Int {
        max(1, (32 << 20 - 1) / (stack.shape.frame.count * max(stack.elementType.size, MemoryLayout<Float>.size)))
    }

    /// Reads consecutive frames.
    ///
    /// - Precondition: `frames` lies within ``shape``.
    /// - Throws: ``ScanFileError`` when a file has gone or is damaged, and for frames that were never written.
    public func read(frames: Range<Int>) throws(ScanFileError) -> RawFrames {
        precondition(
            frames.lowerBound >= 0 && frames.upperBound <= shape.frames, "frames \(frames) of a stack of \(shape)")
        let count = frames.count * shape.frame.count * stack.elementType.size
        var failure: ScanFileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(ScanFileError) {
                let target = UnsafeMutableRawBufferPointer(buffer)
                lock.lock()
                defer { lock.unlock() }
                try source.read(frames: frames, frameBytes: count / max(1, frames.count), into: target)
                initialized = count
            } catch { failure = error }
        }
        if let failure { throw failure }
        return RawFrames(frames: frames, frameShape: shape.frame, elementType: stack.elementType, bytes: bytes)
    }

    /// - Throws: ``ScanFileError`` when one of the files has vanished or changed since the scan was looked at; whatever
    ///   was read of it is then worth nothing.
    public func verifyUnchanged() throws(ScanFileError) {
        for file in stack.sources { try file.verifyUnchanged() }
    }
}

/// What a ``FrameReader`` reads from.
protocol FrameSource {
    /// Fills `buffer` with frames in this machine's byte order.
    mutating func read(
        frames: Range<Int>, frameBytes: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ScanFileError)
}
