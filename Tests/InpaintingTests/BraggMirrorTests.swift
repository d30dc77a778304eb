import Diffraction
import Testing
import Volume

@testable import Inpainting

@Suite struct BraggMirrorTests {
    private static let shape = VolumeShape(frames: 40, rows: 52, columns: 48)

    private static func block(strain: Double, peak: SIMD3<Double>, hide: (inout PixelMask) -> Void) -> FrameBlock {
        var parameters = ScanParameters(shape: shape, oversampling: 4, brightness: .peak(1e6), seed: 8)
        parameters.strain = strain
        parameters.peak = peak
        let counts = ScanSimulation(.winterbottom, parameters: parameters).volumes().counts
        var mask = PixelMask(shape: shape.frame)
        hide(&mask)
        return FrameBlock(
            data: Volume(shape: shape, storage: counts.storage.map { Float($0) }),
            plans: [GapPlan](repeating: GapPlan(mask: mask, maximumWidth: 44), count: shape.frames))
    }

    private static let whole = VoxelBox(frames: 0..<40, rows: 0..<52, columns: 0..<48)

    @Test(arguments: [SIMD3(20.0, 26, 24), SIMD3(18.5, 24, 26.5)])
    func theCentreOfAnUnstrainedPatternIsFound(peak: SIMD3<Double>) throws {
        let block = Self.block(strain: 0, peak: peak) { $0.mask(columns: 28..<34) }
        let mirror = try #require(BraggMirror(block, box: Self.whole, peak: [20, 26, 24]))
        #expect(mirror.correlation > 0.7)
        let images = try #require(mirror.images(frames: 10..<12, rows: 20..<22, columns: 10..<12))
        let opposite = (Int(2 * peak.x) - 10, Int(2 * peak.y) - 20, Int(2 * peak.z) - 10)
        #expect(images[0, 0, 0] == block.data[opposite.0, opposite.1, opposite.2])
        #expect(images[1, 1, 1] == block.data[opposite.0 - 1, opposite.1 - 1, opposite.2 - 1])
    }

    @Test func whatWasNotMeasuredHasNoImage() throws {
        let block = Self.block(strain: 0, peak: SIMD3(20, 26, 24)) { $0.mask(columns: 28..<34) }
        let mirror = try #require(BraggMirror(block, box: Self.whole, peak: [20, 26, 24]))
        // Columns 14 ... 20 lie opposite of the gap.
        let images = try #require(mirror.images(frames: 20..<21, rows: 26..<27, columns: 10..<24))
        for column in 10..<24 { #expect(images.storage[column - 10].isNaN == (15...20).contains(column)) }
        let hidden = mirror.hiding([VoxelBox(frames: 0..<40, rows: 0..<52, columns: 36..<37)])
        #expect(hidden.images(frames: 20..<21, rows: 26..<27, columns: 12..<13) == nil)
    }

    @Test func aPartOfTheScanSeesItsOwnImages() throws {
        let block = Self.block(strain: 0, peak: SIMD3(20, 26, 24)) { $0.mask(columns: 28..<34) }
        let mirror = try #require(BraggMirror(block, box: Self.whole, peak: [20, 26, 24]))
        let part = mirror.seen(fromFrame: 16, row: 4, column: 8)
        #expect(
            part.images(frames: 0..<2, rows: 1..<3, columns: 2..<4)
                == mirror.images(frames: 16..<18, rows: 5..<7, columns: 10..<12))
    }

    @Test func noiseHasNoOtherSide() {
        var generator = SeededGenerator(seed: 2)
        let counts = generator.poisson(means: [Float](repeating: 4, count: Self.shape.count))
        let plan = GapPlan(mask: PixelMask(shape: Self.shape.frame), maximumWidth: 44)
        let block = FrameBlock(
            data: Volume(shape: Self.shape, storage: counts),
            plans: [GapPlan](repeating: plan, count: Self.shape.frames))
        #expect(BraggMirror(block, box: Self.whole, peak: [20, 26, 24]) == nil)
    }

    @Test func thePeakIsFoundBesideAHotPixel() {
        var block = Self.block(strain: 0, peak: SIMD3(20, 26, 24)) { _ in }
        for frame in 0..<40 { block.data[frame, 3, 5] = 1e9 }
        var survey = PeakSurvey()
        survey.add(block, firstFrame: 100)
        let peak = survey.peak
        #expect(peak.map { abs($0[0] - 120) <= 1 && abs($0[1] - 26) <= 1 && abs($0[2] - 24) <= 1 } == true)
    }
}
