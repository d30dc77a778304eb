import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct FrameEncoderTests {
    /// Frames of every kind: empty, sparse, noise that cannot be compressed, and sizes beside the block of the shuffle.
    static let frames: [[UInt64]] = [1, 7, 4095, 4096, 4097, 20_001].flatMap { count in
        var generator = SystemRandomNumberGenerator()
        return [
            [UInt64](repeating: 0, count: count),
            (0..<count).map { $0 % 97 == 3 ? 1 : 0 },
            (0..<count).map { _ in generator.next() },
        ]
    }

    /// HDF5's own filters undo what the encoder did.
    @Test(arguments: frames)
    func chunksAreThoseOfTheHDF5Filters(frame: [UInt64]) throws {
        try withTemporaryDirectory { directory in
            let root = try HDF5File(creating: "\(directory)/frames.h5").root
            let encoder = FrameEncoder(pixels: frame.count, elementSize: 8)
            try check(frame, type: .uint64, with: encoder, in: root)
            try check(frame.map { UInt32(truncatingIfNeeded: $0) }, type: .uint32, with: encoder, in: root)
            try check(frame.map { UInt8(truncatingIfNeeded: $0) }, type: .uint8, with: encoder, in: root)
        }
    }

    private func check<Number: HDF5Number & Equatable>(
        _ frame: [Number], type: ElementType, with encoder: FrameEncoder, in root: HDF5Group
    ) throws {
        let chunk = [1, frame.count]
        let storage =
            type.size == 1 ? HDF5Storage.deflatedMask(chunk: chunk) : .deflated(chunk: chunk, elementSize: type.size)
        let dataset = try root.createDataset("\(type)", shape: chunk, type: type, storage: storage)
        try frame.withUnsafeBytes { bytes in
            try dataset.writeStoredChunk(at: [0, 0], bytes: encoder.deflate(bytes, elementSize: type.size))
        }
        #expect(try dataset.read(as: Number.self) == frame)
        #expect(try StoredFrameReader(dataset).frame(0)[frame.count - 1] == Self.float(frame[frame.count - 1]))
    }

    private static func float(_ number: some HDF5Number) -> Float {
        switch number {
        case let number as UInt64: Float(number)
        case let number as UInt32: Float(number)
        case let number as UInt8: Float(number)
        default: .nan
        }
    }

    @Test func whatWasEncodedBeforeDoesNotMatter() {
        let encoder = FrameEncoder(pixels: 20_001, elementSize: 8)
        func encode(_ frame: [UInt64]) -> [UInt8] {
            frame.withUnsafeBytes { Array(encoder.deflate($0, elementSize: 8)) }
        }
        let first = Self.frames.map(encode)
        #expect(Self.frames.reversed().map(encode) == first.reversed())
    }

    @Test func errorsAreRootsOfMeasuredCounts() {
        let shape = FrameShape(rows: 1, columns: 5)
        let masks = FrameMasks(
            inpainted: PixelMask(shape: shape, storage: [false, true, false, false, false]),
            unusable: PixelMask(shape: shape, storage: [false, false, true, false, false]))
        let counts: [Float] = [4, 4, 4, 0, -1]
        let encoder = FrameEncoder(pixels: 5, elementSize: 4)
        let errors = counts.withUnsafeBytes { bytes in
            Array(encoder.errors(of: bytes, elementSize: 4, masks: masks).bindMemory(to: Float.self))
        }
        #expect(errors[0] == 2 && errors[3] == 0 && errors[4] == 1, "nothing below zero is certain")
        #expect(errors[1].isNaN && errors[2].isNaN)
    }
}
