import Detectors
import Diffraction
import Foundation
import Inpainting
import Testing
import Volume
import WorkMessages

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

    @Test func seamsHoldTheSumsOfTheirWidePixels() throws {
        let layouts = WindowLayout.all(width: 6, hasSeams: true)
        let column = try #require(layouts.first { !$0.isCross && $0.axis == .column })
        #expect(column.plan.sums?.groups.count == 2 * 32)
        let cross = try #require(layouts.first { $0.isCross })
        // A pixel for each three of a seam, and one for each square of nine where two seams cross.
        let groups = 2 * 2 * (32 - 6) + 4
        #expect(cross.plan.sums?.groups.count == groups)
        #expect(WindowLayout.all(width: 9, hasSeams: true).allSatisfy { $0.plan.sums == nil })

        let counts = Volume<Float>(
            shape: column.shape, storage: (0..<column.shape.count).map { Float($0 * 7 % 13) })
        let gapped = FrameBlock(hiding: column, in: counts)
        let filled = StudyMethod("linear", Interpolation(.linear)).fill(gapped)
        for frame in [0, 31] {
            for row in [0, 17] {
                let base = counts.rowBase(frame: frame, row: row)
                for triple in [base + 13..<base + 16, base + 16..<base + 19] {
                    let truth = counts.storage[triple].reduce(0, +)
                    let sum = filled.data.storage[triple].reduce(0, +)
                    #expect(abs(truth - sum) < 1e-4 * truth)
                }
            }
        }
    }

    /// A cubic of one coordinate has no biharmonic, a surface that linear interpolation misses.
    @Test func biharmonicSurfacesAreContinued() {
        let layout = WindowLayout(width: 6, axis: .column, isCross: false)
        var counts = Volume<Float>(shape: layout.shape, repeating: 0)
        for voxel in counts.storage.indices {
            let x = Float(voxel % 32) / 16 - 1
            counts.storage[voxel] = expm1(3 - x * x + 0.5 * x * x * x)
        }
        let gapped = FrameBlock(hiding: layout, in: counts)
        func worst(_ filler: any GapFiller) -> Float {
            let filled = StudyMethod("", filler).fill(gapped).data
            return layout.hidden.map { abs(filled.storage[$0] - counts.storage[$0]) / counts.storage[$0] }.max() ?? 0
        }
        #expect(worst(Interpolation(.linear)) > 0.03)
        #expect(worst(Biharmonic()) < 0.003)
    }

    @Test func aGapRunsThroughTheVolumeWhereTheOtherSideIsSeen() {
        let cross = DrawnWindow(
            layout: WindowLayout(width: 6, axis: .column, isCross: true), corner: (frame: 4, row: 50, column: 10))
        let gaps = cross.gaps(in: VolumeShape(frames: 40, rows: 100, columns: 90))
        let expected = [
            VoxelBox(frames: 0..<40, rows: 63..<69, columns: 0..<90),
            VoxelBox(frames: 0..<40, rows: 0..<100, columns: 23..<29),
        ]
        #expect(gaps == expected)
    }

    @Test func crossesAreHiddenWhereSomethingWasCounted() throws {
        let shape = VolumeShape(frames: 32, rows: 96, columns: 96)
        var counts = Volume<Float>(shape: shape, repeating: 0)
        for index in counts.storage.indices where index % 96 < 64 { counts.storage[index] = 5 }
        let volume = StudyVolume(counts: counts, unusable: PixelMask(shape: shape.frame))
        let cross = try #require(HiddenCross(width: 6, row: 40, column: 30, in: volume))
        let seen = cross.block.data
        #expect(seen[0, 40, 5] == 0)
        #expect(seen[0, 5, 30] == 0)
        #expect(seen[0, 5, 5] == 5)
        // Three parts of the columns, and two of the rows, where the third holds nothing.
        #expect(cross.windows.count == 5)
        #expect(HiddenCross(width: 6, row: 10, column: 30, in: volume) == nil)
        #expect(HiddenCross(width: 6, row: 40, column: 70, in: volume) == nil)
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
