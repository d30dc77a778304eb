import Testing
import Volume

@Suite struct VolumeTests {
    @Test func voxelsLieFrameByFrameAndRowByRow() {
        var volume = Volume<Float>(shape: VolumeShape(frames: 2, rows: 3, columns: 4), repeating: 0)
        volume[1, 2, 3] = 7
        #expect(volume.storage[23] == 7)
        #expect(volume.rowBase(frame: 1, row: 2) == 20)
        #expect(volume.range(ofFrame: 1) == 12..<24)
    }
}

@Suite struct PixelMaskTests {
    @Test func whatLiesOutsideOfTheImageIsIgnored() {
        var mask = PixelMask(shape: FrameShape(rows: 3, columns: 4))
        mask.mask(rows: -2..<1, columns: 3..<9)
        #expect(mask.maskedCount == 1)
        #expect(mask[0, 3])
    }

    @Test func unionAndTranspositionAreIdempotent() {
        var mask = PixelMask(shape: FrameShape(rows: 3, columns: 4))
        mask.mask(rows: 1..<2)
        var other = PixelMask(shape: mask.shape)
        other.mask(columns: 2..<3)
        #expect(mask.union(other) == other.union(mask))
        #expect(mask.union(other).union(other) == mask.union(other))
        #expect(mask.transposed.transposed == mask)
        #expect(mask.transposed[2, 1])
    }
}

@Suite struct CorrelationTests {
    @Test func equalsTheTextbookFormula() throws {
        let x = [1.0, 2, 4, 7, 11]
        let y = [2.0, 1, 5, 6, 14]
        var correlation = Correlation()
        for (x, y) in zip(x, y) { correlation.add(x, y) }
        let meanX = x.reduce(0, +) / 5
        let meanY = y.reduce(0, +) / 5
        let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
        let varianceX = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        let varianceY = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
        #expect(abs(try #require(correlation.pearson) - covariance / (varianceX * varianceY).squareRoot()) < 1e-12)
        #expect(abs(correlation.squaredDifference - zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) < 1e-12)
    }

    @Test func aConstantSeriesHasNoCorrelation() {
        var correlation = Correlation()
        correlation.add(1, 2)
        correlation.add(1, 3)
        #expect(correlation.pearson == nil)
    }
}
