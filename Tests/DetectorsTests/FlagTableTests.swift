import Testing

@testable import Detectors

@Suite struct FlagTableTests {
    private static let dectris: [FlagValue] = [.value(-1), .value(-2), .typeMaximum]
    private static let u1 = VoxelFormat(.unsigned, bits: 8)
    private static let u2 = VoxelFormat(.unsigned, bits: 16)
    private static let u4 = VoxelFormat(.unsigned, bits: 32)
    private static let u8 = VoxelFormat(.unsigned, bits: 64)
    private static let i2 = VoxelFormat(.signed, bits: 16)
    private static let i4 = VoxelFormat(.signed, bits: 32)
    private static let f4 = VoxelFormat(.floating, bits: 32)

    @Test(
        arguments: [
            (u1, 8, 255, true), (u1, 8, 254, true), (u1, nil, 255, false), (u2, 16, 65534, true),
            (u2, nil, 65535, true),
            (u2, 12, 4095, true), (u2, 16, 4095, false), (u4, 16, 65535, true), (u4, nil, 65535, false),
            (u4, 32, 65535, false), (u4, nil, 4_294_967_294, true), (u4, 32, 2_147_483_647, true),
            (u8, 32, 4_294_967_295, true),
            (i4, 16, 65535, true), (i4, nil, 2_147_483_647, true),
            (i4, nil, -1, true), (i4, nil, -2, true), (i2, nil, 32767, true), (i2, nil, 65535, false),
            (u4, nil, 0, false),
            (f4, 16, 65535, true), (f4, nil, 65535, false), (f4, nil, 4_294_967_295, true), (f4, nil, -1, true),
        ] as [(VoxelFormat, Int?, Int, Bool)])
    func aDectrisDetectorMarksByTheTopOfItsCounter(format: VoxelFormat, depth: Int?, value: Int, isFlag: Bool) {
        let flags = FlagTable.values(listed: Self.dectris, depth: depth, format: format)
        #expect(flags.contains(Int128(value)) == isFlag)
    }

    @Test func whatADetectorDoesNotListIsACount() {
        #expect(FlagTable.values(listed: [], depth: 12, format: Self.u2) == [])
        // The noise of an integrating detector.
        #expect(!FlagTable.values(listed: [.value(65535), .typeMaximum], depth: nil, format: Self.i4).contains(-1))
        #expect(FlagTable.values(listed: [.value(65535)], depth: nil, format: Self.f4).contains(65535))
        #expect(!FlagTable.values(listed: nil, depth: nil, format: Self.i4).contains(-1))
        #expect(FlagTable.values(listed: nil, depth: nil, format: Self.u8).contains(Int128(UInt64.max)))
        // No counter gets that far.
        #expect(FlagTable.values(listed: [], depth: nil, format: Self.u4).contains(4_294_967_295))
    }
}
