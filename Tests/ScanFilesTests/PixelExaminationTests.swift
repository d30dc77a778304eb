import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct PixelExaminationTests {
    private static let shape = FrameShape(rows: 24, columns: 24)

    /// What is found in frames of a peak that passes by, with the given voxels put in.
    private func examine(
        frames: Int = 16, background: Float = 3, noise: Float = 1, change: (Int, inout [Float]) -> Void = { _, _ in }
    ) -> PixelExamination {
        var examination = PixelExamination(mask: PixelMask(shape: Self.shape))
        var state: UInt32 = 1
        for frame in 0..<frames {
            var voxels = (0..<Self.shape.count).map { pixel -> Float in
                let (row, column) = (Float(pixel / 24) - 12, Float(pixel % 24) - 12)
                let distance = row * row + column * column + Float((frame - frames / 2) * (frame - frames / 2))
                state = state &* 1_664_525 &+ 1_013_904_223
                let random = Float(state >> 16) / 65536
                return (20_000 / (1 + distance * distance) + background + noise * 4 * (random - 0.5)).rounded()
            }
            change(frame, &voxels)
            var decoded = DecodedFrames<Float>()
            decoded.frames = frame..<frame + 1
            decoded.frameShape = Self.shape
            decoded.voxels = voxels
            decoded.invalid = [Bool](repeating: false, count: voxels.count)
            examination.add(decoded)
        }
        return examination
    }

    @Test func nothingIsFoundInASoundScan() {
        #expect(examine().findings == [])
        #expect(examine(background: 0, noise: 2).findings == [])
        #expect(examine(background: 0, noise: 0).findings == [])
    }

    @Test(arguments: [65535, 65534, 1_048_575, 255] as [Float])
    func theTopOfACounterAtFixedPixelsIsAFlag(value: Float) {
        let found = examine(background: 3, noise: 1) { _, voxels in
            for pixel in voxels.indices { voxels[pixel] = min(voxels[pixel], value - 2) }
            voxels[30] = value
            voxels[300] = value
        }.findings
        #expect(found == [PixelExamination.Finding(kind: .flag, value: value, pixels: [30, 300])])
    }

    @Test func theTopOfACounterInThePeakIsSaturation() {
        // Saturated in some frames only.
        let found = examine { _, voxels in for pixel in voxels.indices { voxels[pixel] = min(voxels[pixel], 255) } }
        #expect(found.findings == [])
    }

    @Test func aPixelThatNeverChangesIsStuck() {
        let found = examine { _, voxels in voxels[50] = 777 }.findings
        #expect(found == [PixelExamination.Finding(kind: .stuck, value: nil, pixels: [50])])
        // By chance a few counts may stay the same.
        #expect(examine(frames: 6) { _, voxels in voxels[50] = 4 }.findings == [])
    }

    @Test func aPixelThatIsBrightInEveryFrameIsHot() {
        let found = examine { frame, voxels in voxels[400] = 60_000 + Float(frame * 37 % 100) }.findings
        #expect(found == [PixelExamination.Finding(kind: .hot, value: nil, pixels: [400])])
        #expect(examine { frame, voxels in if frame > 2 { voxels[400] = 60_000 + Float(frame) } }.findings == [])
        // A streak of one pixel's width is none.
        let streak = examine { frame, voxels in
            for row in 0..<24 { voxels[row * 24 + 5] = 900 + Float(frame * 7 + row * 3) }
        }
        #expect(streak.findings == [])
    }

    @Test func negativeFlagsAreToldFromNoise() {
        let flags = examine { _, voxels in voxels[7] = -1 }.findings
        #expect(flags == [PixelExamination.Finding(kind: .flag, value: -1, pixels: [7])])
        #expect(examine(frames: 5, background: 0, noise: 1.5).findings == [])
    }

    @Test func aScanOfEqualFramesSaysNothingOfItsPixels() {
        var first: [Float] = []
        let found = examine { frame, voxels in
            if frame == 0 { first = voxels }
            voxels = first
        }
        #expect(found.findings == [])
    }

    @Test func anEmptyFrameIsToldByTheOthers() {
        #expect(
            examine { frame, voxels in if frame == 3 { for p in voxels.indices { voxels[p] = 0 } } }.leastFrameSum!
                > 500)
        #expect(
            examine { frame, voxels in if frame > 3 { for p in voxels.indices { voxels[p] = 0 } } }.leastFrameSum == nil
        )
    }

    @Test func anAlienOfTwoPixelsIsIsolatedAndAPeakIsNot() {
        let shape = Self.shape
        let unusable = [Bool](repeating: false, count: shape.count)
        var frame = (0..<shape.count).map { pixel -> Float in
            let (row, column) = (Float(pixel / 24) - 12, Float(pixel % 24) - 12)
            let sinc = { (x: Float) in x == 0 ? 1 : sin(Double(x) * .pi / 2) / (Double(x) * .pi / 2) }
            return Float(1e5 * sinc(row) * sinc(row) * sinc(column) * sinc(column))
        }
        #expect(IsolatedVoxels.pixels(of: frame[...], shape: shape, unusable: unusable) == [])
        (frame[50], frame[51]) = (4000, 3000)
        #expect(IsolatedVoxels.pixels(of: frame[...], shape: shape, unusable: unusable) == [50, 51])
    }
}
