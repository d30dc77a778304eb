internal import CISAL
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
