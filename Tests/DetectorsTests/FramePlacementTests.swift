import Testing
import Volume

@testable import Detectors

/// Operations on masks against the same operations on an image, one after the other, as NumPy would do them.
struct FramePlacementTests {
    /// Flips, rotations, binnings and regions in all combinations.
    static let operations: [ImageOperations] = {
        var all: [ImageOperations] = []
        for flips in [(false, false), (true, false), (false, true), (true, true)] {
            for rotation in [0, 90, 180, 270] {
                for binning in [(1, 1), (2, 2), (3, 1)] {
                    for hasRegion in [false, true] {
                        var operations = ImageOperations()
                        (operations.flippedRows, operations.flippedColumns) = flips
                        operations.rotationDegrees = rotation
                        (operations.rowBinning, operations.columnBinning) = binning
                        operations.region =
                            hasRegion ? ImageOperations.Region(firstRow: 1, firstColumn: 1, rows: 3, columns: 4) : nil
                        all.append(operations)
                    }
                }
            }
        }
        return all
    }()

    static let shape = FrameShape(rows: 14, columns: 13)

    @Test(arguments: operations)
    func everyRawPixelMasksTheSavedPixelThatHoldsIt(_ operations: ImageOperations) throws {
        let placement = try #require(FramePlacement(raw: Self.shape, operations: operations))
        for offset in 0..<8 {
            // Sparse and without symmetry; the eight together hold every pixel.
            let flags = (0..<Self.shape.count).map { $0 * $0 % 31 % 8 == offset || $0 % 8 == offset && $0 % 3 == 0 }
            let raw = PixelMask(shape: Self.shape, storage: flags)
            let expected = Image(raw).applying(operations).mask
            #expect(placement.move(raw) == expected)
            #expect(placement.transposed.move(raw) == expected.transposed)
        }
    }

    @Test(arguments: operations.filter { $0.rowBinning == 1 && $0.columnBinning == 1 })
    func linesOfSumsStayBesideTheLinesTheyCover(_ operations: ImageOperations) throws {
        let shape = Self.shape
        let placement = try #require(FramePlacement(raw: shape, operations: operations))
        let raw = EdgePixels(
            factor: 2,
            lines: (1..<7).flatMap { index in
                [
                    EdgePixels.Line(axis: .row, index: index, covers: index..<index + 2),
                    EdgePixels.Line(axis: .column, index: index, covers: index - 1..<index + 1),
                ]
            })
        for placement in [placement, placement.transposed] {
            let moved = try #require(placement.move(raw))
            let expected = raw.lines.compactMap { line -> EdgePixels.Line? in
                var covered = PixelMask(shape: shape)
                var own = PixelMask(shape: shape)
                switch line.axis {
                case .row:
                    covered.mask(rows: line.covers)
                    own.mask(rows: line.index..<line.index + 1)
                case .column:
                    covered.mask(columns: line.covers)
                    own.mask(columns: line.index..<line.index + 1)
                }
                guard let band = placement.move(covered).bands.first, band.width == 2 else { return nil }
                guard let index = placement.move(own).bands.first?.range.lowerBound else { return nil }
                return EdgePixels.Line(axis: band.axis, index: index, covers: band.range)
            }
            #expect(moved.lines == expected)
        }
    }

    @Test func binnedImagesHoldNoLinesOfSums() throws {
        var operations = ImageOperations()
        operations.columnBinning = 2
        let detector = try shippedDetector("maxipix-2x2")
        let recognition = try Recognition(
            of: detector, frame: FrameShape(rows: 516, columns: 258), operations: operations)
        #expect(recognition.edgePixels == nil)
        #expect(recognition.mask == mask(516, 258, rows: [255..<261], columns: [127..<131]))
    }

    @Test func flippedAndTransposedSumsOfMaxipixLieBesideTheGap() throws {
        var operations = ImageOperations()
        operations.region = ImageOperations.Region(firstRow: 100, firstColumn: 0, rows: 200, columns: 300)
        let recognition = try Recognition(
            of: try shippedDetector("maxipix-2x2"), frame: FrameShape(rows: 300, columns: 200), operations: operations)
        #expect(recognition.orientation == .transposed)
        let edgePixels = try #require(recognition.edgePixels)
        #expect(
            edgePixels.lines == [
                EdgePixels.Line(axis: .column, index: 155, covers: 155..<158),
                EdgePixels.Line(axis: .column, index: 160, covers: 158..<161),
                EdgePixels.Line(axis: .row, index: 255, covers: 255..<258),
                EdgePixels.Line(axis: .row, index: 260, covers: 258..<261),
            ])
    }

    @Test func whatCannotBeDoneIsRefused() {
        let shape = FrameShape(rows: 4, columns: 4)
        var operations = ImageOperations()
        operations.rotationDegrees = 45
        #expect(FramePlacement(raw: shape, operations: operations) == nil)
        operations.rotationDegrees = 0
        operations.rowBinning = 0
        #expect(FramePlacement(raw: shape, operations: operations) == nil)
    }
}

/// A naive image of flags: rows of columns.
private struct Image {
    var rows: [[Bool]]

    init(_ mask: PixelMask) {
        rows = (0..<mask.shape.rows).map { row in (0..<mask.shape.columns).map { mask[row, $0] } }
    }

    var mask: PixelMask {
        PixelMask(shape: FrameShape(rows: rows.count, columns: rows[0].count), storage: rows.flatMap { $0 })
    }

    var transposed: [[Bool]] { rows[0].indices.map { column in rows.map { $0[column] } } }

    func applying(_ operations: ImageOperations) -> Image {
        var image = self
        // Lima exchanges the binning factors where the image is rotated afterwards: they are those of the saved axes.
        let isTurned = operations.rotationDegrees % 180 == 90
        let rowBinning = isTurned ? operations.columnBinning : operations.rowBinning
        let columnBinning = isTurned ? operations.rowBinning : operations.columnBinning
        image.rows = (0..<rows.count / rowBinning).map { row in
            (0..<rows[0].count / columnBinning).map { column in
                (0..<rowBinning).contains { y in
                    (0..<columnBinning).contains { rows[row * rowBinning + y][column * columnBinning + $0] }
                }
            }
        }
        if operations.flippedRows { image.rows.reverse() }
        if operations.flippedColumns { image.rows = image.rows.map { $0.reversed() } }
        for _ in 0..<operations.rotationDegrees / 90 {
            image.rows = Image(rows: image.rows.reversed()).transposed
        }
        if let region = operations.region {
            image.rows = image.rows[region.firstRow..<region.firstRow + region.rows].map {
                Array($0[region.firstColumn..<region.firstColumn + region.columns])
            }
        }
        return image
    }

    private init(rows: [[Bool]]) { self.rows = rows }
}
