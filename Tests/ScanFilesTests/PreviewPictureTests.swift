import Foundation
import Testing
import Volume

@testable import ScanFiles

@Suite struct PreviewPictureTests {
    private typealias Sample = InpaintedFileSample

    /// Counts that fall off from a peak, with one hot pixel that is brighter.
    private var counts: Volume<Float> {
        var counts = Volume<Float>(shape: Sample.shape, repeating: 0)
        for frame in 0..<6 {
            for row in 0..<21 {
                for column in 0..<34 {
                    let distances = [frame - 4, row - 9, column - 14].map { Float($0 * $0) }
                    counts[frame, row, column] = (1_000 / (1 + distances.reduce(0, +))).rounded()
                }
            }
        }
        counts[1, 2, 3] = 1e6
        return counts
    }

    @Test(arguments: OutputCompression.allCases)
    func sectionsPassThroughThePeakAndNotThroughAHotPixel(compression: OutputCompression) throws {
        try withTemporaryDirectory { directory in
            guard compression.isAvailable else { return }
            let path = "\(directory)/scan.h5"
            let counts = counts
            try Sample.write(counts, to: path, compression: compression)
            let sections = try PreviewSections(readingFrom: path, window: 12, threads: 2)
            #expect(sections.peak.frame == 4)
            #expect([8, 9].contains(sections.peak.row) && [13, 14].contains(sections.peak.column))
            #expect(sections.frames == 0..<6)
            #expect(sections.rows == sections.peak.row - 6..<sections.peak.row + 6)
            #expect(sections.columns == sections.peak.column - 6..<sections.peak.column + 6)

            for (row, line) in sections.rows.enumerated() {
                for (column, pixel) in sections.columns.enumerated() {
                    let section = sections.frameSection
                    #expect(section.values[row * section.columns + column] == counts[4, line, pixel])
                    let isGap = Sample.gap[line, pixel]
                    #expect(section.origins[row * section.columns + column] == (isGap ? .inpainted : .measured))
                }
                for frame in 0..<6 {
                    let value = sections.columnSection.values[row * 6 + frame]
                    #expect(value == counts[frame, line, sections.peak.column])
                }
            }
            for frame in 0..<6 {
                for (column, pixel) in sections.columns.enumerated() {
                    let value = sections.rowSection.values[frame * sections.columns.count + column]
                    #expect(value == counts[frame, sections.peak.row, pixel])
                }
            }
        }
    }

    @Test func masksOfSingleFramesAreShown() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/scan.h5"
            func masks(_ frame: Int) -> FrameMasks {
                var masks = Sample.masks
                masks.unusable[10, 14] = frame == 2
                return masks
            }
            try Sample.write(counts, to: path, masks: masks)
            let sections = try PreviewSections(readingFrom: path, window: 240, threads: 1)
            let column = sections.columnSection
            let origins = (0..<6).map { column.origins[10 * 6 + $0] }
            let expected: [PreviewSection.Origin] =
                sections.peak.column == 14
                ? [.measured, .measured, .unusable, .measured, .measured, .measured]
                : Array(repeating: .measured, count: 6)
            #expect(origins == expected)
        }
    }

    @Test func thePictureIsAPNGFileAndTheSameEachTime() throws {
        try withTemporaryDirectory { directory in
            try Sample.write(counts, to: "\(directory)/scan.h5")
            let picture = try PreviewPicture(readingFrom: "\(directory)/scan.h5")
            for name in ["1.png", "2.png"] {
                try picture.write(to: "\(directory)/\(name)", title: "scan 1, µ", subtitle: "PCC 0.9")
            }
            let files = try ["1.png", "2.png"].map {
                try [UInt8](Data(contentsOf: URL(filePath: "\(directory)/\($0)")))
            }
            #expect(files[0] == files[1])
            #expect(files[0].prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            func number(at offset: Int) -> Int { files[0][offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
            let (width, height) = (number(at: 16), number(at: 20))
            // 21 by 34 pixels in 14-fold, 6 frames in 8-fold size.
            #expect(width > 34 * 14 + 48 + 34 * 14 && height > 2 * 21 * 14)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 3)
        }
    }

    @Test func anEmptyScanHasAPictureToo() throws {
        try withTemporaryDirectory { directory in
            try Sample.write(Volume<Float>(shape: Sample.shape, repeating: 0), to: "\(directory)/scan.h5")
            let sections = try PreviewSections(readingFrom: "\(directory)/scan.h5", window: 240, threads: 1)
            #expect(sections.peak.row == 10 && sections.peak.column == 17)
            let picture = try PreviewPicture(readingFrom: "\(directory)/scan.h5")
            try picture.write(to: "\(directory)/scan.png", title: "empty", subtitle: "")
        }
    }

    @Test func whatIsNoOutputIsRefused() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/raw.h5"
            try HDF5File(creating: path).root.write("numbers", [1, 2, 3] as [Float])
            let error = #expect(throws: ScanFileError.self) { try PreviewPicture(readingFrom: path) }
            #expect(error?.path == path && error?.problem.contains("cannot be shown") == true)
        }
    }

    @Test func textIsDrawnInTheFixedFont() {
        let bar = BitmapFont.pixels(of: "|")
        #expect(
            !bar.isEmpty
                && Set(bar.map(\.row)).count == bar.map(\.row).max().map { $0 - (bar.map(\.row).min() ?? 0) + 1 })
        #expect(BitmapFont.pixels(of: " ").isEmpty)
        #expect(BitmapFont.pixels(of: "µ").elementsEqual(BitmapFont.pixels(of: "?"), by: ==))
    }
}
