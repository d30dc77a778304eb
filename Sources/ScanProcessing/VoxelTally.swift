internal import Inpainting
internal import ScanFiles
internal import Volume

/// Counts the voxels of a scan as its blocks pass by.
struct VoxelTally {
    private(set) var masked = 0
    private(set) var filled = 0
    private var saturated = 0
    private let saturation: Float?
    private var emptyFrames: [Int] = []
    /// Frames that equal the one before.
    private var repeatedFrames: [Int] = []
    private var isolatedVoxels: [(frame: Int, pixel: Int)] = []
    private var last: ArraySlice<Float> = []

    /// - Parameter saturation: counts from which on a measured value cannot be trusted.
    init(saturation: Double?) {
        self.saturation = saturation.map { Float($0) }
    }

    /// - Parameter mask: the pixels that are masked in every frame.
    mutating func add<Count>(_ block: RecordedBlock<Count>, mask: PixelMask) {
        for plan in block.frames.plans {
            filled += plan.fillableCount
            masked += plan.fillableCount + plan.unfillableCount
        }
        emptyFrames += block.empty
        let data = block.frames.data
        for (index, frame) in block.position.enumerated() where !block.empty.contains(frame) {
            let voxels = data.storage[data.range(ofFrame: index)]
            if voxels == last, voxels.reduce(0, +) >= 50 { repeatedFrames.append(frame) }
            last = voxels
            let unusable = block.frames.plans[index].mask.storage
            isolatedVoxels += IsolatedVoxels.pixels(of: voxels, shape: mask.shape, unusable: unusable)
                .map { (frame, $0) }
            guard let saturation else { continue }
            for (pixel, count) in voxels.enumerated() where count >= saturation && !unusable[pixel] { saturated &+= 1 }
        }
    }

    /// What a person should know of the voxels.
    func remarks(columns: Int) -> [String] {
        var remarks: [String] = []
        if saturated > 0, let saturation {
            remarks.append("\(saturated) voxels are saturated (at least \(Int(saturation)) counts), kept as recorded")
        }
        if !emptyFrames.isEmpty {
            remarks.append("nothing was recorded in \(Self.words(emptyFrames)) amid others with counts: masked")
        }
        if !repeatedFrames.isEmpty {
            remarks.append("\(Self.words(repeatedFrames)): the same image as the frame before, voxel by voxel")
        }
        if let first = isolatedVoxels.first {
            remarks.append(
                "\(isolatedVoxels.count) voxels stand out from all around them (aliens?), the first in frame "
                    + "\(first.frame) at row \(first.pixel / columns), column \(first.pixel % columns): kept as recorded"
            )
        }
        return remarks
    }

    /// e.g. “frames 7, 8, 9 and 12 more”.
    private static func words(_ frames: [Int]) -> String {
        let shown = frames.prefix(3).map(String.init).joined(separator: ", ")
        return (frames.count == 1 ? "frame " : "frames ") + shown
            + (frames.count > 3 ? " and \(frames.count - 3) more" : "")
    }
}
