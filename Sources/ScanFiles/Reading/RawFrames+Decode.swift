public import Volume

/// Frames as floating-point numbers, and which of their voxels are no measurement.
public struct DecodedFrames<Voxel: BinaryFloatingPoint & Sendable & BitwiseCopyable>: Sendable {
    /// Indices within the stack.
    public let frames: Range<Int>
    public let frameShape: FrameShape
    /// Counts, (frame, row, column); 0 where invalid.
    public let voxels: [Voxel]
    /// True where a voxel is NaN, infinite, negative or a flag value.
    public let invalid: [Bool]
    public let invalidCount: Int
    /// False when a valid voxel had to be rounded: counts above 2^24 in `Float`, above 2^53 in `Double`.
    public let isExact: Bool
}

extension RawFrames {
    /// Converts to `Float`.
    ///
    /// - Parameter flagValues: Integers that mark a pixel as unusable, e.g. 4294967295.
    public func decode(flagValues: [UInt64] = []) -> DecodedFrames<Float> { convert(flagValues) }

    /// Converts to `Double`, for counts that `Float` cannot hold.
    public func decodeDouble(flagValues: [UInt64] = []) -> DecodedFrames<Double> { convert(flagValues) }

    @inline(__always)
    private func convert<Voxel>(_ flags: [UInt64]) -> DecodedFrames<Voxel> {
        switch elementType {
        case .int8: integers(Int8.self, flags)
        case .uint8: integers(UInt8.self, flags)
        case .int16: integers(Int16.self, flags)
        case .uint16: integers(UInt16.self, flags)
        case .int32: integers(Int32.self, flags)
        case .uint32: integers(UInt32.self, flags)
        case .int64: integers(Int64.self, flags)
        case .uint64: integers(UInt64.self, flags)
        case .float32: reals(Float.self, flags)
        case .float64: reals(Double.self, flags)
        }
    }

    /// Most tiles hold no flag and no great count, which the union of their bits shows: a value can be among them only
    /// if none of its bits is lacking there. The loops are kept apart, because only simple ones become vector code.
    @inline(__always)
    private func integers<Element: FixedWidthInteger & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [UInt64]
    ) -> DecodedFrames<Voxel> {
        let flags = flags.compactMap(Element.init(exactly:))
        let limit = UInt64(1) << UInt64(Voxel.significandBitCount + 1)
        return inTiles { (source: UnsafePointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid, count) in
            var union: Element = 0
            for index in 0..<count { union |= source[index] }
            for index in 0..<count { voxels[index] = Voxel(source[index]) }
            for index in 0..<count { invalid[index] = source[index] < 0 }
            let present = flags.filter { union & $0 == $0 }
            if union >= 0, present.isEmpty, UInt64(union) < limit { return (0, true) }

            for flag in present {
                for index in 0..<count { invalid[index] = invalid[index] || source[index] == flag }
            }
            union = 0
            for index in 0..<count { union |= invalid[index] ? 0 : source[index] }
            for index in 0..<count { voxels[index] = invalid[index] ? 0 : voxels[index] }
            let isExact =
                UInt64(union) < limit
                || (0..<count).allSatisfy { invalid[$0] || Voxel(exactly: source[$0]) != nil }
            return (Self.count(invalid, count), isExact)
        }
    }

    @inline(__always)
    private func reals<Element: BinaryFloatingPoint & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [UInt64]
    ) -> DecodedFrames<Voxel> {
        let flags = flags.map { Element($0) }
        return inTiles { (source: UnsafePointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid, count) in
            // The comparisons are false for NaN, too.
            for index in 0..<count { invalid[index] = !(source[index] >= 0 && source[index] < .infinity) }
            for flag in flags {
                for index in 0..<count { invalid[index] = invalid[index] || source[index] == flag }
            }
            for index in 0..<count { voxels[index] = invalid[index] ? 0 : Voxel(source[index]) }
            let isWide = Element.significandBitCount > Voxel.significandBitCount
            let isExact = !isWide || (0..<count).allSatisfy { invalid[$0] || Element(voxels[$0]) == source[$0] }
            return (Self.count(invalid, count), isExact)
        }
    }

    private static func count(_ flags: UnsafePointer<Bool>, _ count: Int) -> Int {
        var sum = 0
        for index in 0..<count { sum &+= flags[index] ? 1 : 0 }
        return sum
    }

    /// Allocates the results without clearing them first and lets `body` fill them in pieces that stay in the cache.
    ///
    /// - Parameter body: Given the first of `count` values, voxels and flags; tells the number of invalid voxels and
    ///   whether the others are exact.
    @inline(__always)
    private func inTiles<Element: BitwiseCopyable, Voxel>(
        _ body: (UnsafePointer<Element>, UnsafeMutablePointer<Voxel>, UnsafeMutablePointer<Bool>, Int) -> (Int, Bool)
    ) -> DecodedFrames<Voxel> {
        let tile = 4096
        var invalidCount = 0
        var isExact = true
        var invalid: [Bool] = []
        let voxels = [Voxel](unsafeUninitializedCapacity: count) { voxels, voxelCount in
            invalid = [Bool](unsafeUninitializedCapacity: count) { invalid, flagCount in
                bytes.withUnsafeBytes { bytes in
                    let source = bytes.bindMemory(to: Element.self)
                    guard let source = source.baseAddress, let voxels = voxels.baseAddress,
                        let invalid = invalid.baseAddress
                    else { return }
                    for start in stride(from: 0, to: count, by: tile) {
                        let (bad, exact) = body(
                            source + start, voxels + start, invalid + start, min(tile, count - start))
                        invalidCount += bad
                        isExact = isExact && exact
                    }
                }
                flagCount = count
            }
            voxelCount = count
        }
        return DecodedFrames(
            frames: frames, frameShape: frameShape, voxels: voxels, invalid: invalid, invalidCount: invalidCount,
            isExact: isExact)
    }
}
