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
        case .segments(let segments):
            SegmentSource(segments, frame: stack.shape.frame, elementType: stack.elementType)
        case .array(let location): try NumpySource(location)
        case .images(let images):
            ImageSource(images, form: ImageFile.Form(frame: stack.shape.frame, elementType: stack.elementType))
        }
    }

    /// Reads consecutive frames.
    ///
    /// - Precondition: `frames` lies within ``shape``.
    /// - Throws: ``ScanFileError`` when a file has gone or is damaged, and for frames that were never written.
    public func read(frames: Range<Int>) throws(ScanFileError) -> RawFrames {
        var block = RawFrames()
        try read(frames: frames, into: &block)
        return block
    }

    /// Reads consecutive frames into memory that served before.
    ///
    /// That saves a third of the time: large blocks of fresh memory are cleared by the system, page by page.
    /// - Precondition: `frames` lies within ``shape``.
    /// - Throws: ``ScanFileError`` when a file has gone or is damaged, and for frames that were never written.
    public func read(frames: Range<Int>, into block: inout RawFrames) throws(ScanFileError) {
        precondition(
            frames.lowerBound >= 0 && frames.upperBound <= shape.frames, "frames \(frames) of a stack of \(shape)")
        let frameBytes = shape.frame.count * stack.elementType.size
        block.frames = frames
        block.frameShape = shape.frame
        block.elementType = stack.elementType
        block.missing = stack.missing(among: frames)
        block.bytes.resize(uninitialized: frames.count * frameBytes)
        try block.bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(ScanFileError) in
                lock.lock()
                defer { lock.unlock() }
                try source.read(frames: frames, frameBytes: frameBytes, into: buffer)
            }
        }.get()
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
