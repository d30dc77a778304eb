/// The number type in which frames are stored.
public struct VoxelFormat: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case unsigned, signed, floating
    }

    public var kind: Kind
    public var bits: Int

    public init(_ kind: Kind, bits: Int) {
        self.kind = kind
        self.bits = bits
    }
}

/// Which recorded values are no counts: the one table of flags.
///
/// | who | values | where |
/// |---|---|---|
/// | a counter of n bits (stated, or else of the type stored) | 2ⁿ−1 masked, 2ⁿ−2 bad | detectors whose description lists `max`, and those that nobody knows |
/// | a type of m bits, from 16 on | its largest and next to largest value | the same: converters cut flags off there |
/// | 32 bits or more, and floats | 2³²−1, 2³²−2, 2³¹−1, 2³¹−2 | everywhere: no counter gets that far |
/// | a detector's own values (−1 gap and −2 bad of Dectris, 65535 of JUNGFRAU) | as its description lists them | in types that hold them |
public enum FlagTable {
    /// The flags of frames, in ascending order.
    ///
    /// - Parameters:
    ///   - listed: by the detector's description; `nil` where the detector is not known.
    ///   - depth: bits of the counter as the file states them.
    ///   - format: the type stored.
    public static func values(listed: [FlagValue]?, depth: Int?, format: VoxelFormat) -> [Int128] {
        var values: Set<Int128> = []
        for flag in listed ?? [.typeMaximum] {
            switch flag {
            case .value(let value): values.insert(Int128(value))
            case .typeMaximum:
                if let depth, (4...64).contains(depth) { values.formUnion(top(ofBits: depth)) }
                if format.kind != .floating, format.bits >= 16 {
                    values.formUnion(top(ofBits: format.kind == .signed ? format.bits - 1 : format.bits))
                }
            }
        }
        if format.bits >= 32 { values.formUnion(top(ofBits: 32) + top(ofBits: 31)) }
        return values.filter(format.holds).sorted()
    }

    /// The largest number of so many bits, and the one below.
    private static func top(ofBits bits: Int) -> [Int128] { [(1 << bits) - 1, (1 << bits) - 2] }
}

extension VoxelFormat {
    /// Whether the type can hold a value, or in the case of a float something near it.
    fileprivate func holds(_ value: Int128) -> Bool {
        switch kind {
        case .floating: true
        case .unsigned: (0..<1 << bits).contains(value)
        case .signed: (-(1 << (bits - 1))..<1 << (bits - 1)).contains(value)
        }
    }
}

/// A recorded value that says "no measurement here" instead of a count.
public enum FlagValue: Hashable, Sendable {
    case value(Int)
    /// The largest value of the integer type in which the frames are saved, e.g. 65535 for 16 bits.
    case typeMaximum
}
