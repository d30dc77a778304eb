import Testing
import Volume

@testable import ScanFiles

@Suite struct DecodeTests {
    private func frames<Element: HDF5Number>(_ values: [Element]) -> RawFrames {
        RawFrames(
            frames: 0..<1, frameShape: FrameShape(rows: 1, columns: values.count), elementType: Element.elementType,
            bytes: values.withUnsafeBytes(Array.init))
    }

    @Test func flagsAreInvalidAndNegativesAreNot() {
        let decoded = frames([5, .max, 0, 65535, 7] as [UInt32]).decode(flagValues: [4_294_967_295, 65535, 7])
        #expect(decoded.voxels == [5, 0, 0, 0, 0])
        #expect(decoded.invalid == [false, true, false, true, true])
        #expect(decoded.invalidCount == 3 && decoded.isExact)
        #expect(!decoded.hasNegative)
        let signed = frames([-1, 3, -2, 32767] as [Int16]).decode(flagValues: [-1, 32767, 4_294_967_295])
        #expect(signed.voxels == [0, 3, -2, 0] && signed.invalid == [true, false, false, true])
        #expect(signed.hasNegative && signed.isExact)
        #expect(frames([-1, 3] as [Int32]).decode(flagValues: [-1]).hasNegative == false)
        #expect(!frames([-16_777_217] as [Int32]).decode().isExact)
        #expect(frames([.max, 3] as [UInt64]).decode(flagValues: [Int128(UInt64.max)]).voxels == [0, 3])
        #expect(frames([0, 1] as [UInt8]).decode().invalidCount == 0)
    }

    @Test func numbersThatAreNoneAreInvalid() {
        let decoded = frames([1.5, .nan, -.infinity, -0.25, -0.0, 65535] as [Float]).decode(flagValues: [65535])
        #expect(decoded.voxels == [1.5, 0, 0, -0.25, 0, 0])
        #expect(decoded.invalid == [false, true, true, false, false, true])
        #expect(decoded.isExact && decoded.hasNegative)
        let rounded = frames([4_294_967_296] as [Float]).decode(flagValues: [4_294_967_295])
        #expect(rounded.invalid == [true])
    }

    @Test func countsThatFloatWouldRoundAreTold() {
        let odd = (1 << 24) + 1
        #expect(frames([UInt32(odd) - 1]).decode().isExact)
        #expect(!frames([UInt32(odd)]).decode().isExact)
        #expect(frames([UInt32(odd) + 1]).decode().isExact)
        #expect(frames([UInt32(odd)]).decode(flagValues: [Int128(odd)]).isExact)
        #expect(frames([UInt32(odd)]).decodeDouble().isExact)
        #expect(frames([UInt32(odd)]).decodeDouble().voxels == [Double(odd)])
        #expect(!frames([0.1]).decode().isExact)
        #expect(frames([0.5]).decode().isExact)
        #expect(frames([Double(odd)]).decode(flagValues: [Int128(odd)]).isExact)
    }

    @Test(arguments: ElementType.allCases)
    func everyTypeIsDecoded(type: ElementType) throws {
        try withTemporaryDirectory { directory in
            let stack = StackFile()
            let path = "\(directory)/file.h5"
            try stack.write("data", in: HDF5File(creating: path).root, type: type)
            let scan = try ScanFile.open(path).scans[0]
            #expect(scan.stack?.elementType == type)
            #expect(try readAll(scan) == stack.counts)
        }
    }
}
