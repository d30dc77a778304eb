public import Volume

/// Consecutive frames of a stack exactly as recorded, (frame, slow = row, fast = column), in this machine's byte order.
public struct RawFrames: Sendable {
    /// Indices within the stack.
    public internal(set) var frames: Range<Int>
    public internal(set) var frameShape: FrameShape
    public internal(set) var elementType: ElementType
    /// `count * elementType.size` bytes, aligned for the element type.
    public internal(set) var bytes: [UInt8]
    /// Indices within the stack of frames that were never recorded; their bytes are zero and mean nothing.
    public internal(set) var missing: [Int] = []

    /// No frames: room that ``FrameReader/read(frames:into:)`` fills.
    public init() {
        self.init(frames: 0..<0, frameShape: FrameShape(rows: 0, columns: 0), elementType: .uint8, bytes: [])
    }

    init(frames: Range<Int>, frameShape: FrameShape, elementType: ElementType, bytes: [UInt8]) {
        self.frames = frames
        self.frameShape = frameShape
        self.elementType = elementType
        self.bytes = bytes
    }

    /// Number of voxels.
    public var count: Int { frames.count * frameShape.count }

    /// The voxels as mask bits: the low 32 bits of integers, 1 for a floating-point number other than 0.
    func bitPatterns() -> [UInt32] {
        switch elementType {
        case .int8: bitPatterns(Int8.self)
        case .uint8: bitPatterns(UInt8.self)
        case .int16: bitPatterns(Int16.self)
        case .uint16: bitPatterns(UInt16.self)
        case .int32: bitPatterns(Int32.self)
        case .uint32: bitPatterns(UInt32.self)
        case .int64: bitPatterns(Int64.self)
        case .uint64: bitPatterns(UInt64.self)
        case .float32: bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map { $0 == 0 ? 0 : 1 } }
        case .float64: bytes.withUnsafeBytes { $0.bindMemory(to: Double.self).map { $0 == 0 ? 0 : 1 } }
        }
    }

    private func bitPatterns<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) -> [UInt32] {
        bytes.withUnsafeBytes { $0.bindMemory(to: Element.self).map { UInt32(truncatingIfNeeded: $0) } }
    }
}

extension Array where Element: BitwiseCopyable {
    /// Makes room for `count` elements, whose values are left to the caller, and keeps the memory it has where that fits.
    mutating func resize(uninitialized count: Int) {
        guard self.count != count else { return }
        self = Array(unsafeUninitializedCapacity: count) { _, initialized in initialized = count }
    }
}

/// Frames as floating-point numbers, and which of their voxels are no measurement.
public struct DecodedFrames<Voxel: BinaryFloatingPoint & Sendable & BitwiseCopyable>: Sendable {
    /// Indices within the stack.
    public internal(set) var frames = 0..<0
    public internal(set) var frameShape = FrameShape(rows: 0, columns: 0)
    /// Counts, (frame, row, column); 0 where invalid. Those of signed and floating types may be negative.
    public internal(set) var voxels: [Voxel] = []
    /// True where a voxel is NaN, infinite or a flag value.
    public internal(set) var invalid: [Bool] = []
    public internal(set) var invalidCount = 0
    /// Indices within the stack of frames that were never recorded, all voxels of which are invalid.
    public internal(set) var missing: [Int] = []
    /// False when a valid voxel had to be rounded: counts above 2^24 in `Float`, above 2^53 in `Double`.
    public internal(set) var isExact = true
    /// True when a valid voxel is below zero, as the noise of integrating detectors makes it.
    public internal(set) var hasNegative = false

    /// No frames yet.
    init() {}

    /// Makes all voxels of a frame invalid.
    ///
    /// - Parameter index: counted from the first of these frames.
    public mutating func invalidate(frame index: Int) {
        for voxel in index * frameShape.count..<(index + 1) * frameShape.count { invalidate(voxel: voxel) }
    }

    /// Makes all voxels of frames invalid that were never recorded.
    ///
    /// - Parameter indices: within the stack.
    fileprivate mutating func invalidate(_ indices: [Int]) {
        missing = indices
        for index in indices { invalidate(frame: index - frames.lowerBound) }
    }

    /// True when a frame holds no measurement at all.
    public var isEmpty: Bool { invalidCount == frames.count * frameShape.count }

    /// Makes a voxel invalid.
    public mutating func invalidate(voxel: Int) {
        guard !invalid[voxel] else { return }
        invalid[voxel] = true
        voxels[voxel] = 0
        invalidCount += 1
    }

    /// Hands the counts over, which are not here any more then: to change a copy of them takes time.
    public mutating func takeVoxels() -> [Voxel] {
        defer { voxels = [] }
        return voxels
    }
}

extension RawFrames {
    /// Converts to `Float`.
    ///
    /// - Parameter flagValues: Integers that mark a pixel as unusable, e.g. 4294967295.
    public func decode(flagValues: [Int128] = []) -> DecodedFrames<Float> {
        var decoded = DecodedFrames<Float>()
        convert(flagValues, &decoded)
        decoded.invalidate(missing)
        return decoded
    }

    /// Converts to `Double`, for counts that `Float` cannot hold.
    public func decodeDouble(flagValues: [Int128] = []) -> DecodedFrames<Double> {
        var decoded = DecodedFrames<Double>()
        convert(flagValues, &decoded)
        decoded.invalidate(missing)
        return decoded
    }

    @inline(__always)
    private func convert<Voxel>(_ flags: [Int128], _ decoded: inout DecodedFrames<Voxel>) {
        switch elementType {
        case .int8: integers(Int8.self, flags, &decoded)
        case .uint8: integers(UInt8.self, flags, &decoded)
        case .int16: integers(Int16.self, flags, &decoded)
        case .uint16: integers(UInt16.self, flags, &decoded)
        case .int32: integers(Int32.self, flags, &decoded)
        case .uint32: integers(UInt32.self, flags, &decoded)
        case .int64: integers(Int64.self, flags, &decoded)
        case .uint64: integers(UInt64.self, flags, &decoded)
        case .float32: reals(Float.self, flags, &decoded)
        case .float64: reals(Double.self, flags, &decoded)
        }
    }

    /// Most tiles hold no flag and no great count, which the union of their bits shows: a value can be among them only
    /// if none of its bits is lacking there. The loops are kept apart, because only simple ones become vector code.
    @inline(__always)
    private func integers<Element: FixedWidthInteger & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [Int128], _ decoded: inout DecodedFrames<Voxel>
    ) {
        let flags = flags.compactMap(Element.init(exactly:))
        let limit = UInt64(1) << UInt64(Voxel.significandBitCount + 1)
        inTiles(of: &decoded) { (source: UnsafePointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid, count) in
            var union: Element = 0
            for index in 0..<count { union |= source[index] }
            for index in 0..<count { voxels[index] = Voxel(source[index]) }
            for index in 0..<count { invalid[index] = false }
            let present = flags.filter { union & $0 == $0 }
            if union >= 0, present.isEmpty, UInt64(union) < limit { return Tally() }

            for flag in present {
                for index in 0..<count { invalid[index] = invalid[index] || source[index] == flag }
            }
            union = 0
            for index in 0..<count { union |= invalid[index] ? 0 : source[index] }
            for index in 0..<count { voxels[index] = invalid[index] ? 0 : voxels[index] }
            let isExact =
                (union >= 0 && UInt64(union) < limit)
                || (0..<count).allSatisfy { invalid[$0] || Voxel(exactly: source[$0]) != nil }
            return Tally(invalid: Self.count(invalid, count), isExact: isExact, hasNegative: union < 0)
        }
    }

    @inline(__always)
    private func reals<Element: BinaryFloatingPoint & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [Int128], _ decoded: inout DecodedFrames<Voxel>
    ) {
        let flags = flags.map { Element($0) }
        inTiles(of: &decoded) { (source: UnsafePointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid, count) in
            // The comparison is false for NaN, too.
            for index in 0..<count { invalid[index] = !(abs(source[index]) < .infinity) }
            for flag in flags {
                for index in 0..<count { invalid[index] = invalid[index] || source[index] == flag }
            }
            for index in 0..<count { voxels[index] = invalid[index] ? 0 : Voxel(source[index]) }
            var least = Voxel(0)
            for index in 0..<count { least = min(least, voxels[index]) }
            let isWide = Element.significandBitCount > Voxel.significandBitCount
            let isExact = !isWide || (0..<count).allSatisfy { invalid[$0] || Element(voxels[$0]) == source[$0] }
            return Tally(invalid: Self.count(invalid, count), isExact: isExact, hasNegative: least < 0)
        }
    }

    private static func count(_ flags: UnsafePointer<Bool>, _ count: Int) -> Int {
        var sum = 0
        for index in 0..<count { sum &+= flags[index] ? 1 : 0 }
        return sum
    }

    /// Lets `body` fill the results in pieces that stay in the cache.
    ///
    /// - Parameter body: Given the first of `count` values, voxels and flags; tells what is said of them all.
    @inline(__always)
    private func inTiles<Element: BitwiseCopyable, Voxel>(
        of decoded: inout DecodedFrames<Voxel>,
        _ body: (UnsafePointer<Element>, UnsafeMutablePointer<Voxel>, UnsafeMutablePointer<Bool>, Int) -> Tally
    ) {
        let tile = 4096
        var tally = Tally()
        decoded.frames = frames
        decoded.frameShape = frameShape
        decoded.voxels.resize(uninitialized: count)
        decoded.invalid.resize(uninitialized: count)
        decoded.voxels.withUnsafeMutableBufferPointer { voxels in
            decoded.invalid.withUnsafeMutableBufferPointer { invalid in
                bytes.withUnsafeBytes { bytes in
                    guard let source = bytes.bindMemory(to: Element.self).baseAddress,
                        let voxels = voxels.baseAddress, let invalid = invalid.baseAddress
                    else { return }
                    for start in stride(from: 0, to: count, by: tile) {
                        tally.add(
                            body(source + start, voxels + start, invalid + start, min(tile, count - start)))
                    }
                }
            }
        }
        decoded.invalidCount = tally.invalid
        decoded.isExact = tally.isExact
        decoded.hasNegative = tally.hasNegative
    }

    /// What is said of some voxels all together.
    private struct Tally {
        var invalid = 0
        var isExact = true
        var hasNegative = false

        mutating func add(_ other: Tally) {
            invalid += other.invalid
            isExact = isExact && other.isExact
            hasNegative = hasNegative || other.hasNegative
        }
    }
}
