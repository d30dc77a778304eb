public import Volume

/// Which estimates the mask for phase retrieval leaves free, beside what is neither measured nor filled.
public enum FreeEstimates: Sendable {
    case none
    /// Those of these pixels, in every frame.
    case pixels(PixelMask)
    case all

    /// Writes the mask, (row, column) where all frames have the same, (frame, row, column) otherwise.
    ///
    /// - Parameters:
    ///   - data: the group that holds `data_mask` and `inpainted`, all frames of them written.
    func writeMask(
        _ name: String, in group: HDF5Group, data: HDF5Group, shape: VolumeShape, encoder: FrameEncoder
    ) throws(HDF5Failure) {
        guard let unusable = try data.open("data_mask").dataset, let inpainted = try data.open("inpainted").dataset
        else { return try group.createSoftLink(name, to: "/entry/data/data_mask") }
        if case .none = self { return try group.createSoftLink(name, to: "/entry/data/data_mask") }
        let (unusableFrames, inpaintedFrames) = (try StoredFrameReader(unusable), try StoredFrameReader(inpainted))
        let isUniform = unusable.shape.count == 2 && inpainted.shape.count == 2
        var mask = MaskDataset(
            name, longName: "1: to be left free in phase retrieval", in: group, frames: shape.frames, encoder: encoder)
        for frame in 0..<shape.frames {
            if frame > 0, isUniform {
                try mask.repeatLast()
                continue
            }
            let (unusable, inpainted) = (try unusableFrames.frame(frame), try inpaintedFrames.frame(frame))
            let storage = (0..<shape.frame.count).map { pixel in
                unusable[pixel] != 0 || (frees(pixel) && inpainted[pixel] != 0)
            }
            try mask.append(PixelMask(shape: shape.frame, storage: storage))
        }
        try mask.finish()
    }

    private func frees(_ pixel: Int) -> Bool {
        switch self {
        case .none: false
        case .pixels(let mask): mask.storage[pixel]
        case .all: true
        }
    }
}
