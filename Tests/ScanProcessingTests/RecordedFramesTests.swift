import Inpainting
import ScanFiles
import Testing
import Volume
import WorkMessages

@testable import ScanProcessing

@Suite struct RecordedFramesTests {
    /// What is kept in memory after the first pass, or read again, is the same.
    @Test(arguments: [1, 4096]) func everyPassSeesTheSameFrames(memoryLimitMiB: Int) throws {
        // Some 300 kB as decoded: more than a quarter of the smaller limit, so that the last blocks are not kept.
        let scan = try SyntheticScan(VolumeShape(frames: 21, rows: 60, columns: 60))
        var settings = ProcessingSettings()
        settings.memoryLimitMiB = memoryLimitMiB
        let frames = try RecordedFrames<Float>(scan.scan(), gaps: scan.gaps(), sums: nil, settings: settings)
        func collect(isLast: Bool, where wanted: (Range<Int>) -> Bool = { _ in true }) throws -> [[Float]] {
            var pass = frames.pass(isLast: isLast, where: wanted)
            var blocks: [[Float]] = []
            while let block = try pass.next() {
                #expect(block.frames.data.shape == VolumeShape(frames: block.position.count, frame: scan.shape.frame))
                blocks.append(block.frames.data.storage)
            }
            return blocks
        }
        let first = try collect(isLast: false)
        let read = frames.seconds.read
        #expect(first.joined().count == scan.shape.count)
        let later = try collect(isLast: false) { $0.contains(20) }
        #expect(later == [first.last])
        #expect(try collect(isLast: true) == first)
        #expect((frames.seconds.read == read) == (memoryLimitMiB == 4096))
    }

    /// Frames of one mask do not share a plan where other sums are missing in them.
    @Test func eachFrameKeepsTheSumsThatItHolds() throws {
        let scan = try SyntheticScan(VolumeShape(frames: 3, rows: 8, columns: 112))
        // The gap is columns 53 to 58; in the rows 2 and 5 a pixel of it holds the counts of two.
        let sums = SummedPixels(
            groups: [2, 5].map { row in
                .init(holder: row * 112 + 53, members: [row * 112 + 53, row * 112 + 54])
            })
        var plans = try FramePlans(scan.gaps(), maximumWidth: 6, sums: sums)
        var frames = try FrameReader(scan.scan()).read(frames: 0..<3).decode()
        frames.invalidate(voxel: sums.groups[0].holder)
        frames.invalidate(voxel: scan.shape.frame.count + sums.groups[1].holder)
        let kept = try plans.plans(for: frames).map { $0.sums?.groups }
        #expect(kept == [[sums.groups[1]], [sums.groups[0]], sums.groups])
    }

    @Test func emptyFramesAreMaskedInEveryBlock() throws {
        let empty: Set = [2, 13, 20]
        let scan = try SyntheticScan(VolumeShape(frames: 21, rows: 60, columns: 60), emptyFrames: empty)
        var settings = ProcessingSettings()
        settings.memoryLimitMiB = 1
        var gaps = try scan.gaps()
        gaps.leastFrameSum = 1000
        let frames = try RecordedFrames<Float>(scan.scan(), gaps: gaps, sums: nil, settings: settings)
        var pass = frames.pass(isLast: true)
        var (found, blocks): ([Int], Int) = ([], 0)
        while let block = try pass.next() {
            blocks += 1
            found += block.empty
            for (index, frame) in block.position.enumerated() {
                let isAllMasked = block.frames.plans[index].mask.maskedCount == scan.shape.frame.count
                #expect(isAllMasked == empty.contains(frame), "frame \(frame)")
            }
        }
        #expect(blocks > 1 && Set(found) == empty)
    }
}
