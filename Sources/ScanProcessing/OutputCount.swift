internal import Inpainting
internal import ScanFiles
internal import Volume

/// A valid count that `Float` would round.
struct CountsNeedDouble: Error {}

/// The number type of the output: what was measured is written as it was recorded.
protocol OutputCount: BinaryFloatingPoint & BitwiseCopyable & Sendable {
    static var elementType: ElementType { get }
    /// What a voxel takes in memory, decoded for filling and as recorded.
    static var bytesPerVoxel: Int { get }
    /// The error for a file with a measured count that this type cannot hold exactly.
    static func inexact(in path: String) -> any Error
    /// The recorded counts, where they cannot be taken from the frames as decoded for filling.
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Self>?
    /// The recorded counts of a block, where they differ from what fillers are given.
    static func recorded(
        _ decoded: DecodedFrames<Float>, _ counts: DecodedFrames<Self>?, isChanged: Bool
    ) -> DecodedFrames<Self>?
    /// True when every measured count can be written exactly.
    static func holds(_ decoded: DecodedFrames<Float>, _ counts: DecodedFrames<Self>?) -> Bool
}

extension Float: OutputCount {
    static var elementType: ElementType { .float32 }
    static var bytesPerVoxel: Int { 4 }
    static func inexact(in path: String) -> any Error { CountsNeedDouble() }
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Float>? { nil }
    static func holds(_ decoded: DecodedFrames<Float>, _: DecodedFrames<Float>?) -> Bool { decoded.isExact }
    static func recorded(
        _ decoded: DecodedFrames<Float>, _: DecodedFrames<Float>?, isChanged: Bool
    ) -> DecodedFrames<Float>? { isChanged ? decoded : nil }
}

extension Double: OutputCount {
    static var elementType: ElementType { .float64 }
    static var bytesPerVoxel: Int { 4 + 8 + 1 }
    static func inexact(in path: String) -> any Error {
        ScanFileError(path: path, problem: "holds counts above 2^53, which cannot be written without rounding")
    }
    static func counts(of raw: RawFrames, flagValues: [Int128]) -> DecodedFrames<Double>? {
        raw.decodeDouble(flagValues: flagValues)
    }
    static func holds(_: DecodedFrames<Float>, _ counts: DecodedFrames<Double>?) -> Bool { counts?.isExact ?? false }
    static func recorded(
        _: DecodedFrames<Float>, _ counts: DecodedFrames<Double>?, isChanged: Bool
    ) -> DecodedFrames<Double>? { counts }
}

extension OutputCount {
    /// The filled block with its measured voxels as recorded.
    ///
    /// - Parameter photon: the recorded value of one photon.
    static func output(_ filled: FrameBlock, counts: DecodedFrames<Self>?, photon: Double) -> Volume<Self> {
        guard let counts else {
            // Without a copy where the type is the same.
            return filled.data as? Volume<Self>
                ?? Volume(shape: filled.data.shape, storage: filled.data.storage.map { Self($0) })
        }
        var volume = Volume(shape: filled.data.shape, storage: counts.voxels)
        for (frame, plan) in filled.plans.enumerated() {
            let base = frame * volume.shape.frame.count
            for (pixel, isFilled) in plan.fillable.storage.enumerated() where isFilled {
                volume.storage[base + pixel] = Self(filled.data.storage[base + pixel]) * Self(photon)
            }
        }
        return volume
    }
}
