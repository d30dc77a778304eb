internal import Volume

extension DecodedFrames {
    /// The sums over so many frames that follow one another, voxel by voxel; a voxel that is no measurement in one of them
    /// is none in the sum.
    ///
    /// - Precondition: the frames begin with a first exposure, and all are there.
    public func summed(by exposures: Int) -> DecodedFrames {
        guard exposures > 1 else { return self }
        precondition(frames.count % exposures == 0 && frames.lowerBound % exposures == 0, "exposures are missing")
        let (pixels, points) = (frameShape.count, frames.count / exposures)
        var sum = DecodedFrames()
        sum.frames = frames.lowerBound / exposures..<frames.upperBound / exposures
        sum.frameShape = frameShape
        sum.voxels = [Voxel](repeating: 0, count: points * pixels)
        sum.invalid = [Bool](repeating: false, count: points * pixels)
        for point in 0..<points {
            for pixel in 0..<pixels {
                // Rounded once, as a sum of so many numbers should be.
                var (total, isInvalid) = (0.0, false)
                for exposure in 0..<exposures {
                    let source = (point * exposures + exposure) * pixels + pixel
                    total += Double(voxels[source])
                    isInvalid = isInvalid || invalid[source]
                }
                sum.voxels[point * pixels + pixel] = Voxel(total)
                sum.invalid[point * pixels + pixel] = isInvalid
            }
        }
        let limit = Voxel(UInt64(1) << UInt64(Voxel.significandBitCount + 1))
        sum.isExact = isExact
        for voxel in sum.voxels.indices {
            if sum.invalid[voxel] {
                sum.voxels[voxel] = 0
                sum.invalidCount += 1
            } else {
                sum.isExact = sum.isExact && abs(sum.voxels[voxel]) < limit
                sum.hasNegative = sum.hasNegative || sum.voxels[voxel] < 0
            }
        }
        return sum
    }
}
