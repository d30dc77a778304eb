import Foundation
import Testing
import Volume
import WorkMessages

@testable import ScanFiles

@Suite struct OutputViewTests {
    private typealias Sample = InpaintedFileSample

    /// Counts that rise along each axis, so that no two sections are the same.
    private var counts: Volume<Float> {
        var counts = Volume<Float>(shape: Sample.shape, repeating: 0)
        for index in counts.storage.indices { counts.storage[index] = Float(index % 997) }
        return counts
    }

    private func order(
        _ path: String, _ axis: SectionOrder.Axis, _ index: Int, _ layer: SectionOrder.Layer = .counts
    ) -> SectionOrder {
        SectionOrder(output: path, axis: axis, index: index, layer: layer, maximum: 996)
    }

    @Test func aSectionHasThePixelsOfItsVoxels() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            let counts = counts
            try Sample.write(counts, to: path)
            let view = try OutputView(readingFrom: path, threads: 2)
            let palette = SectionPalette(layer: .counts, maximum: 996)
            func colour(_ frame: Int, _ row: Int, _ column: Int) -> UInt8 {
                UInt8(log1p(counts[frame, row, column]) / log1p(palette.maximum) * 247)
            }
            let frame = try view.draw(order(path, .frame, 3))
            let row = try view.draw(order(path, .row, 7))
            let column = try view.draw(order(path, .column, 20))
            #expect(frame.rows == 21 && frame.columns == 34 && row.rows == 6 && row.columns == 34)
            #expect(column.rows == 21 && column.columns == 6)
            for (r, c) in [(0, 0), (7, 20), (20, 33)] { #expect(frame.indices[r * 34 + c] == colour(3, r, c)) }
            for (f, c) in [(0, 0), (3, 20), (5, 33)] { #expect(row.indices[f * 34 + c] == colour(f, 7, c)) }
            for (r, f) in [(0, 0), (7, 3), (20, 5)] { #expect(column.indices[r * 6 + f] == colour(f, r, 20)) }
        }
    }

    @Test func gapsAndUncertaintyCoverEstimatesAlone() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            // As certain as a measured count, ten times less, more than the scale holds, not stated.
            var errors = counts.poissonErrors()
            for frame in 0..<6 {
                for (row, factor) in [(0, Float(1)), (1, 10), (2, 1_000), (3, .nan)] {
                    errors[frame, row, 17] = factor * max(counts[frame, row, 17], 1).squareRoot()
                }
            }
            let unusable = PixelMask(shape: Sample.shape.frame, storage: (0..<21 * 34).map { $0 == 5 })
            try Sample.write(
                counts, to: path, masks: { _ in FrameMasks(inpainted: Sample.gap, unusable: unusable) },
                errors: .given(errors), block: 6)
            let view = try OutputView(readingFrom: path)
            let gaps = try view.draw(order(path, .frame, 2, .gaps))
            let uncertainty = try view.draw(order(path, .frame, 2, .uncertainty))
            for pixel in 0..<21 * 34 {
                let isGap = Sample.gap.storage[pixel]
                let expected = isGap ? SectionPalette.missing : SectionPalette.clear
                #expect(gaps.indices[pixel] == expected)
                let isClear = uncertainty.indices[pixel] == SectionPalette.clear
                #expect(isClear != isGap)
            }
            #expect(gaps.palette[Int(SectionPalette.clear)][3] == 0)
            let found = (0..<4).map { uncertainty.indices[$0 * 34 + 17] }
            #expect(found[0] == 0 && found[1] >= 160 && found[1] <= 168)
            #expect(found[2] == 247 && found[3] == SectionPalette.unstated)
            #expect(try view.draw(order(path, .frame, 2)).indices[5] == SectionPalette.missing)
        }
    }

    @Test func theDescriptionTellsPeakScaleAndGaps() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            var counts = Volume<Float>(shape: Sample.shape, repeating: 1)
            for (row, column) in [(9, 14), (9, 15), (10, 14), (10, 15)] { counts[4, row, column] = 500 }
            counts[4, 9, 14] = 700
            try Sample.write(counts, to: path)
            let description = try OutputView(readingFrom: path).description()
            #expect(description.frames == 6 && description.rows == 21 && description.columns == 34)
            #expect(description.frameStep == 1)
            #expect(description.peak == OutputDescription.Place(frame: 4, row: 9, column: 14))
            #expect(description.maximum == 700 && description.gaps.isEmpty)
        }
    }

    @Test func picturesArePNGAndSectionsOutsideAreRefused() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            try Sample.write(counts, to: path)
            let view = try OutputView(readingFrom: path)
            let picture = try view.picture(of: order(path, .frame, 0))
            #expect(Array(picture.prefix(4)) == [0x89, 0x50, 0x4E, 0x47] as [UInt8])
            for (axis, limit) in [(SectionOrder.Axis.frame, 6), (.row, 21), (.column, 34)] {
                for index in [-1, limit] {
                    let error = #expect(throws: ScanFileError.self) { try view.picture(of: order(path, axis, index)) }
                    #expect(error?.problem == "has no \(axis.rawValue) \(index), only 0 to \(limit - 1)")
                }
            }
            #expect(throws: ScanFileError.self) { try OutputView(readingFrom: "\(directory)/none.h5") }
        }
    }
}
