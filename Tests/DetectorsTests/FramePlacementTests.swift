import Detectors
import Testing
import Volume

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

    @Test(arguments: operations)
    func everyRawPixelMasksTheSavedPixelThatHoldsIt(_ operations: ImageOperations) throws {
        for detector in try Speckled.detectors.get() {
            let expected = Image(detector.badMask).applying(operations).mask
            let recognition = try Recognition(of: detector, frame: expected.shape, operations: operations)
            #expect(recognition.orientation == .asGiven)
            #expect(recognition.badMask == expected)
            let transposed = try Recognition(of: detector, frame: expected.shape.transposed, operations: operations)
            #expect(transposed.orientation == .transposed)
            #expect(transposed.badMask == expected.transposed)
        }
    }

    @Test(arguments: operations.filter { $0.rowBinning == 1 && $0.columnBinning == 1 })
    func linesOfSumsStayBesideTheLinesTheyCover(_ operations: ImageOperations) throws {
        let detector = try #require(try Speckled.detectors.get().first)
        let raw = try #require(detector.edgePixels)
        #expect(raw.lines.map(\.index) == [5, 8, 4, 8])
        #expect(raw.lines.map(\.covers) == [5..<7, 7..<9, 4..<6, 7..<9])

        let frame = Image(detector.badMask).applying(operations).mask.shape
        for isTransposed in [false, true] {
            let expected = raw.lines.compactMap { line -> EdgePixels.Line? in
                let covered = Image(line.mask(of: line.covers, detector.shape)).applying(operations).mask
                let own = Image(line.mask(of: line.index..<line.index + 1, detector.shape)).applying(operations).mask
                guard let band = (isTransposed ? covered.transposed : covered).bands.first, band.width == 2,
                    let index = (isTransposed ? own.transposed : own).bands.first?.range.lowerBound
                else { return nil }
                return EdgePixels.Line(axis: band.axis, index: index, covers: band.range)
            }
            let saved = isTransposed ? frame.transposed : frame
            let recognition = try Recognition(of: detector, frame: saved, operations: operations)
            #expect(recognition.edgePixels?.lines == expected)
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

    @Test(arguments: [(45, 1), (0, 0), (0, -1)])
    func whatCannotBeDoneIsRefused(_ rotation: Int, _ binning: Int) throws {
        var operations = ImageOperations()
        operations.rotationDegrees = rotation
        operations.rowBinning = binning
        let detector = try shippedDetector("maxipix-2x2")
        #expect(throws: RecognitionError.self) {
            try Recognition(of: detector, frame: detector.shape, operations: operations)
        }
    }
}

/// Small detectors with gaps, sums beside them and scattered bad pixels; together they have every pixel bad once.
private enum Speckled {
    static let detectors = Result {
        let members = (0..<4).map { number in
            // Without symmetry, so that no two operations do the same.
            let pixels = (0..<14 * 13).filter { $0 * $0 % 31 % 4 == number }.map { "\"\($0 / 13), \($0 % 13)\"" }
            return "  - {name: speckled-\(number), bad: {pixels: [\(pixels.joined(separator: ", "))]}}"
        }
        let family = """
            family:
              shape: [14, 13]
              pixel_size_um: 55
              modules: {size: [6, 5], gap: [2, 3]}
              edge_pixels: {factor: 2}
            detectors:
            \(members.joined(separator: "\n"))
            """
        return try withDirectory(["speckled.yaml": family]) { try DetectorCatalogue(directories: [$0]).detectors }
    }
}

extension EdgePixels.Line {
    fileprivate func mask(of lines: Range<Int>, _ shape: FrameShape) -> PixelMask {
        var mask = PixelMask(shape: shape)
        switch axis {
        case .row: mask.mask(rows: lines)
        case .column: mask.mask(columns: lines)
        }
        return mask
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
