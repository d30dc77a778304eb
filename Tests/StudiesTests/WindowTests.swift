import Detectors
import Diffraction
import Inpainting
import Testing
import Volume

@testable import Studies

/// Where gaps are hidden, and where windows are drawn from.
@Suite struct WindowTests {
    @Test(arguments: [(3, 15..<18), (6, 13..<19), (9, 12..<21), (12, 10..<22)])
    func narrowGapsLieInTheMiddleOfACube(width: Int, columns: Range<Int>) {
        let layout = WindowLayout(width: width, axis: .column, isCross: false)
        #expect(layout.shape == VolumeShape(frames: 32, rows: 32, columns: 32))
        #expect(layout.plan.mask.bands == [GapBand(axis: .column, range: columns)])
        #expect(layout.hidden.count == 32 * width && layout.plan.fillableCount == 32 * width)
    }

    @Test func wideGapsHave24PixelsOnBothSides() {
        let layout = WindowLayout(width: 38, axis: .row, isCross: false)
        #expect(layout.shape == VolumeShape(frames: 48, rows: 86, columns: 48))
        #expect(layout.plan.mask.bands == [GapBand(axis: .row, range: 24..<62)])
        let cross = WindowLayout(width: 20, axis: .row, isCross: true)
        #expect(cross.shape == VolumeShape(frames: 48, rows: 68, columns: 68))
        #expect(cross.hidden.count == 2 * 20 * 68 - 400)
    }

    @Test func windowsAvoidGapsAndPlacesWithoutSignal() {
        // Counts in columns 40 to 99 only; columns 60 to 63 are a gap of the detector, column 0 a silent one.
        let shape = VolumeShape(frames: 40, rows: 40, columns: 120)
        var counts = Volume<Float>(shape: shape, repeating: 0)
        for index in counts.storage.indices where (40..<100).contains(index % 120) { counts.storage[index] = 2 }
        var gap = PixelMask(shape: shape.frame)
        gap.mask(columns: 60..<64)
        let volume = MeasuredStack(name: "stack", counts: counts, unusable: gap).volume(0)
        #expect(volume.unusable.bands.map(\.range) == [0..<40, 60..<64, 100..<120])

        var generator = SeededGenerator(seed: 1)
        let draw = WindowDraw(layouts: WindowLayout.all(width: 6), crosses: 0.5)
        let windows = draw.windows(40, of: volume, using: &generator)
        #expect(windows.count == 40)
        for window in windows { #expect((64...68).contains(window.corner.column)) }
        #expect((5...35).contains(windows.count { $0.layout.isCross }))
    }

    @Test func theDistanceRunsAcrossTheGap() {
        let band = DrawnWindow(
            layout: WindowLayout(width: 6, axis: .column, isCross: false), corner: (frame: 0, row: 50, column: 10))
        #expect(band.distance(from: (row: 0, column: 40)) == 14.5)
        let cross = DrawnWindow(
            layout: WindowLayout(width: 6, axis: .column, isCross: true), corner: (frame: 0, row: 0, column: 0))
        #expect(cross.distance(from: (row: 0, column: 0)) == nil)
    }

    @Test func theSameSeedGivesTheSameScores() throws {
        var scoring = WindowScoring(methods: [StudyMethod("linear", Interpolation(.linear))])
        scoring.widths = [6]
        scoring.windows = 6
        let source = SimulatedCrystals(
            volumes: 2, seed: 3, shape: VolumeShape(frames: 40, rows: 48, columns: 48))
        let (first, second) = (try scoring.run(source), try scoring.run(source))
        #expect(first.windows.map(\.scores) == second.windows.map(\.scores))
        #expect(first.windows.count == 6 && first.volumes == 2)
        for window in first.windows {
            #expect(window.scores.count == 2)
            #expect((window.oracle ?? 0) > window.scores[0].pcc)
            #expect(window.scores[1].pccNoiseFree.map { abs($0 - 1) < 1e-9 } ?? false)
        }
    }

    @Test func aStackWithoutRoomIsRefused() {
        var scoring = WindowScoring(methods: [StudyMethod("linear", Interpolation(.linear))])
        scoring.widths = [3]
        let shape = VolumeShape(frames: 8, rows: 64, columns: 64)
        let stack = MeasuredStack(
            name: "thin.npz", counts: Volume(shape: shape, repeating: 5), unusable: PixelMask(shape: shape.frame))
        #expect(throws: StudyError.self) { try scoring.run(stack) }
    }
}
