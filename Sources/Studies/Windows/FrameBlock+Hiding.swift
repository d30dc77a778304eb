internal import Foundation
internal import Inpainting
internal import Volume

extension FrameBlock {
    /// A window as a filler gets it: the hidden voxels hold nothing, but for those with a sum.
    init(hiding layout: WindowLayout, in counts: Volume<Float>) {
        var data = counts
        let frame = layout.shape.frame.count
        for start in stride(from: 0, to: data.shape.count, by: frame) {
            for pixel in layout.hidden { data.storage[start + pixel] = 0 }
            for group in layout.plan.sums?.groups ?? [] {
                data.storage[start + group.holder] = group.members.reduce(0) { $0 + counts.storage[start + $1] }
            }
        }
        self.init(data: data, plans: [GapPlan](repeating: layout.plan, count: layout.shape.frames))
    }

    /// Mean log(1+I) of the voxels that are not masked.
    var meanLogOfVisible: Double {
        var sum = 0.0
        var visible = 0
        let frame = data.shape.frame.count
        for (index, plan) in plans.enumerated() {
            for pixel in 0..<frame where !plan.mask.storage[pixel] {
                sum += Double(log1p(data.storage[index * frame + pixel]))
                visible += 1
            }
        }
        return visible > 0 ? sum / Double(visible) : 0
    }
}
