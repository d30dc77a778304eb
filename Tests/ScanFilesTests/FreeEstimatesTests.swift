import Foundation
import Testing
import Volume

@testable import ScanFiles

/// The mask by which phase retrieval knows what to leave free.
@Suite struct FreeEstimatesTests {
    private typealias Sample = InpaintedFileSample

    private func mask(_ free: FreeEstimates, differs: Bool = false) throws -> (shape: [Int], values: [UInt8]) {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/out.h5"
            let writer = try InpaintedFileWriter(path: path, header: Sample.header())
            let masks = (0..<Sample.shape.frames).map { frame in
                var masks = Sample.masks
                masks.unusable.mask(rows: 0..<1, columns: 0..<1)
                if differs, frame == 2 { masks.unusable.mask(rows: 5..<6, columns: 5..<6) }
                return masks
            }
            try writer.append(Sample.counts(), masks: .perFrame(masks))
            try writer.finish(Sample.process, free: free)
            let file = try HDF5File(readingFrom: path)
            let dataset = try #require(try file.root.open("entry_1/instrument_1/detector_1/mask").dataset)
            var values = [UInt8](repeating: 0, count: dataset.shape.reduce(1, *))
            try values.withUnsafeMutableBytes {
                try dataset.read(
                    start: dataset.shape.map { _ in 0 }, extents: dataset.shape, as: .uint8, into: $0)
            }
            return (dataset.shape, values)
        }
    }

    /// Pixels of the sample's gap, 3 columns of 21 rows.
    private let gap = 63

    @Test func theMaskHoldsWhatIsToBeLeftFree() throws {
        var half = PixelMask(shape: Sample.shape.frame)
        half.mask(columns: 0..<17)
        for (free, count) in [(FreeEstimates.none, 1), (.all, gap + 1), (.pixels(half), 21 + 1)] {
            let mask = try mask(free)
            #expect(mask.shape == Sample.shape.extents)
            #expect(mask.values.reduce(0) { $0 + Int($1) } == Sample.shape.frames * count, "\(free)")
        }
    }

    @Test func framesThatDifferHaveMasksOfTheirOwn() throws {
        for (free, each) in [(FreeEstimates.none, 1), (.all, gap + 1)] {
            let mask = try mask(free, differs: true)
            #expect(mask.shape == Sample.shape.extents)
            #expect(mask.values.reduce(0) { $0 + Int($1) } == 6 * each + 1)
            #expect(mask.values[2 * 21 * 34 + 5 * 34 + 5] == 1)
        }
    }
}
