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

    @inline(__always)
    private func integers<Element: FixedWidthInteger & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [UInt64]
    ) -> DecodedFrames<Voxel> {
        let flags = flags.compactMap(Element.init(exactly:))
        // Two flags are compared in the first pass, which most detectors need at most; −1 is invalid in any case and
        // stands for "none" in signed types, as the greatest value does where no flag is given.
        let hasFlags = !flags.isEmpty
        let first = flags.first ?? 0
        let second = flags.count > 1 ? flags[1] : first
        return fill { (source: UnsafeBufferPointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid) in
            var greatest: Element = 0
            var invalidCount = 0
            for index in 0..<source.count {
                let value = source[index]
                let isInvalid = value < 0 || hasFlags && (value == first || value == second)
                let valid = isInvalid ? 0 : value
                voxels[index] = Voxel(valid)
                invalid[index] = isInvalid
                greatest = max(greatest, valid)
                invalidCount &+= isInvalid ? 1 : 0
            }
            for flag in flags.dropFirst(2) {
                for index in 0..<source.count where source[index] == flag && !invalid[index] {
                    voxels[index] = 0
                    invalid[index] = true
                    invalidCount += 1
                }
            }
            let limit = UInt64(1) << UInt64(Voxel.significandBitCount + 1)
            var isExact = UInt64(greatest) <= limit
            if !isExact {
                isExact = (0..<source.count).allSatisfy { invalid[$0] || Voxel(exactly: source[$0]) != nil }
            }
            return (invalidCount, isExact)
        }
    }

    @inline(__always)
    private func reals<Element: BinaryFloatingPoint & BitwiseCopyable, Voxel>(
        _: Element.Type, _ flags: [UInt64]
    ) -> DecodedFrames<Voxel> {
        let flags = flags.map { Element($0) }
        return fill { (source: UnsafeBufferPointer<Element>, voxels: UnsafeMutablePointer<Voxel>, invalid) in
            var invalidCount = 0
            var roundedCount = 0
            for index in 0..<source.count {
                let value = source[index]
                // False for NaN, too.
                let isValid = value >= 0 && value < .infinity
                let valid = isValid ? value : 0
                let voxel = Voxel(valid)
                voxels[index] = voxel
                invalid[index] = !isValid
                invalidCount &+= isValid ? 0 : 1
                roundedCount &+= Element(voxel) == valid ? 0 : 1
            }
            for flag in flags {
                for index in 0..<source.count where source[index] == flag && !invalid[index] {
                    roundedCount -= Element(voxels[index]) == flag ? 0 : 1
                    voxels[index] = 0
                    invalid[index] = true
                    invalidCount += 1
                }
            }
            return (invalidCount, roundedCount == 0)
        }
    }

    /// Allocates the results without clearing them first and lets `body` fill them.
    @inline(__always)
    private func fill<Element: BitwiseCopyable, Voxel>(
        _ body: (UnsafeBufferPointer<Element>, UnsafeMutablePointer<Voxel>, UnsafeMutablePointer<Bool>) -> (
            invalidCount: Int, isExact: Bool
        )
    ) -> DecodedFrames<Voxel> {
        var outcome = (invalidCount: 0, isExact: true)
        var invalid: [Bool] = []
        let voxels = [Voxel](unsafeUninitializedCapacity: count) { voxels, voxelCount in
            invalid = [Bool](unsafeUninitializedCapacity: count) { invalid, invalidCount in
                if let voxels = voxels.baseAddress, let invalid = invalid.baseAddress {
                    outcome = bytes.withUnsafeBytes { body($0.bindMemory(to: Element.self), voxels, invalid) }
                }
                invalidCount = count
            }
            voxelCount = count
        }
        return DecodedFrames(
            frames: frames, frameShape: frameShape, voxels: voxels, invalid: invalid,
            invalidCount: outcome.invalidCount, isExact: outcome.isExact)
    }
}
