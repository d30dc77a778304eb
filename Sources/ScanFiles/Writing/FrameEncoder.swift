internal import CISAL
internal import Dispatch
internal import Foundation
internal import Volume

/// Turns frames into the bytes of HDF5 chunks; its buffers serve frame after frame.
///
/// ISA-L deflates sparse detector frames faster than libdeflate and zlib do.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class FrameEncoder: @unchecked Sendable {
    private let deflater: UnsafeMutablePointer<lacuna_deflater>
    private let planes: UnsafeMutableRawBufferPointer
    private let stream: UnsafeMutableRawBufferPointer
    private let errors: UnsafeMutableBufferPointer<Float>

    /// - Parameters:
    ///   - pixels: the number of pixels of a frame.
    ///   - elementSize: the most bytes that a pixel has.
    init(pixels: Int, elementSize: Int) {
        guard let deflater = lacuna_deflater_create() else { fatalError("out of memory") }
        self.deflater = deflater
        let size = pixels * elementSize
        planes = .allocate(byteCount: size, alignment: 64)
        // Room for counts that cannot be compressed; the system provides only the part that is used.
        stream = .allocate(byteCount: size + size / 64 + 1024, alignment: 64)
        errors = .allocate(capacity: pixels)
    }

    deinit {
        lacuna_deflater_free(deflater)
        planes.deallocate()
        stream.deallocate()
        errors.deallocate()
    }

    /// The frame as the HDF5 filters shuffle and deflate store it; always the same bytes for the same frame.
    ///
    /// - Returns: bytes that are valid until the next call.
    func deflate(_ frame: UnsafeRawBufferPointer, elementSize: Int) -> UnsafeRawBufferPointer {
        let input =
            switch elementSize {
            case 4: shuffle(frame.assumingMemoryBound(to: UInt32.self))
            case 8: shuffle(frame.assumingMemoryBound(to: UInt64.self))
            default: frame
            }
        let size = lacuna_deflate(
            deflater, input.baseAddress, UInt32(input.count), stream.baseAddress, UInt32(stream.count))
        precondition(size > 0, "a frame of \(frame.count) bytes does not fit the encoder's buffer")
        return UnsafeRawBufferPointer(rebasing: stream[..<size])
    }

    /// Puts the first bytes of all words before all second bytes, and so on: most bytes of small counts are alike.
    private func shuffle<Word: FixedWidthInteger & UnsignedInteger>(
        _ words: UnsafeBufferPointer<Word>
    ) -> UnsafeRawBufferPointer {
        let size = MemoryLayout<Word>.size
        let bytes = planes.assumingMemoryBound(to: UInt8.self)
        precondition(words.count * size <= bytes.count, "the encoder was made for smaller frames")
        let block = 4096  // fits the first-level cache
        for start in stride(from: 0, to: words.count, by: block) {
            let end = min(start + block, words.count)
            for byte in 0..<size {
                let plane = byte * words.count
                let shift = Word(truncatingIfNeeded: byte * 8)
                for index in start..<end {
                    bytes[plane &+ index] = UInt8(truncatingIfNeeded: words[index] &>> shift)
                }
            }
        }
        return UnsafeRawBufferPointer(rebasing: planes[..<(words.count * size)])
    }

    /// The uncertainty of each measured pixel, √counts where a photon counts as 1; NaN where either mask is set.
    ///
    /// - Returns: values that are valid until the next call.
    func errors(
        of frame: UnsafeRawBufferPointer, elementSize: Int, masks: FrameMasks, scale: PhotonScale = .counts
    ) -> UnsafeRawBufferPointer {
        if elementSize == 8 {
            errors(of: frame.assumingMemoryBound(to: Double.self), masks: masks, scale: scale)
        } else {
            errors(of: frame.assumingMemoryBound(to: Float.self), masks: masks, scale: scale)
        }
    }

    private func errors<Count: BinaryFloatingPoint>(
        of counts: UnsafeBufferPointer<Count>, masks: FrameMasks, scale: PhotonScale
    ) -> UnsafeRawBufferPointer {
        precondition(counts.count <= errors.count, "the encoder was made for smaller frames")
        precondition(counts.count == masks.inpainted.shape.count, "a frame and masks of different shapes")
        let inpainted = masks.inpainted.storage.span
        let unusable = masks.unusable.storage.span
        for index in counts.indices {
            // Both are looked at in any case: a branch would keep the loop from being vectorised.
            let (isEstimate, isUnusable) = (inpainted[unchecked: index], unusable[unchecked: index])
            let error = scale.uncertainty(counts[index])
            errors[index] = isEstimate || isUnusable ? .nan : error
        }
        return UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: errors[..<counts.count]))
    }
}

/// Prepares items on several threads and hands them on in ascending order, one at a time.
///
/// An item waits for its turn on the thread that prepared it, so each thread holds one prepared item and no queue grows.
/// - Parameters:
///   - count: the number of items.
///   - workers: the number of threads.
///   - prepare: called with the thread's number, `0..<workers`, and the item's.
///   - commit: called with the item's number and what was prepared.
/// - Throws: what `commit` throws first; no later item is handed on.
func inOrder<Prepared, Failure: Error>(
    count: Int, workers: Int, prepare: @Sendable (_ worker: Int, _ item: Int) -> Prepared,
    commit: @Sendable (_ item: Int, Prepared) throws(Failure) -> Void
) throws(Failure) {
    let turn = NSCondition()
    // Read and changed under the lock of `turn` only.
    nonisolated(unsafe) var claimed = 0
    nonisolated(unsafe) var committed = 0
    nonisolated(unsafe) var failure: Failure?

    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { worker in
        turn.lock()
        defer { turn.unlock() }
        while claimed < count, failure == nil {
            let item = claimed
            claimed += 1
            turn.unlock()
            let prepared = prepare(worker, item)
            turn.lock()
            while committed < item, failure == nil { turn.wait() }
            if failure != nil { return }
            // Whoever has the turn is alone here even without the lock, which stays free for the others.
            turn.unlock()
            let result = Result { () throws(Failure) in try commit(item, prepared) }
            turn.lock()
            committed += 1
            if case .failure(let error) = result { failure = error }
            turn.broadcast()
        }
    }
    if let failure { throw failure }
}

/// How the voxels of an output file are stored: one frame to a chunk, or as they are.
public enum OutputCompression: String, Sendable, Codable, CaseIterable {
    /// In one piece, so that other programs can map the file into their memory.
    case none
    /// Byte shuffle and deflate, level 1: every HDF5 library reads it, without a plug-in.
    case gzip
    /// Bitshuffle with LZ4: readers, and this machine, need the HDF5 plug-in for filter 32008.
    case bslz4

    /// How a dataset of frames is stored.
    func storage(chunk: [Int], elementSize: Int) -> HDF5Storage {
        switch self {
        case .none: .plain
        case .gzip: .deflated(chunk: chunk, elementSize: elementSize)
        case .bslz4:
            HDF5Storage(
                chunk: chunk,
                filters: [HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])])
        }
    }

    /// True when this machine can write it.
    public var isAvailable: Bool {
        self != .bslz4 || HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: []).isAvailable
    }
}
