internal import Volume

extension HDF5Dataset {
    /// The number of frames: the first extent, or 1 for a single image.
    var frameCount: Int { shape.count == 3 ? shape[0] : 1 }

    /// The last two extents.
    ///
    /// - Precondition: There are at least two axes.
    var frameShape: FrameShape { FrameShape(rows: shape[shape.count - 2], columns: shape[shape.count - 1]) }

    /// Frames, within a range, of which at least a part was never written and would read as zeros.
    ///
    /// What was stored in one piece counts as written once it has storage.
    func unwrittenFrames(among frames: Range<Int>) throws(ScanFileError) -> [Range<Int>] {
        guard case .chunked(let chunk) = layout else {
            return storageSize() == 0 && !frames.isEmpty ? [frames] : []
        }
        let perAxis = zip(shape, chunk).map { ($0 + $1 - 1) / $1 }
        guard try naming(writtenChunkCount()) < wholeChunkCount() else { return [] }

        let depth = shape.count == 3 ? chunk[0] : 1
        var runs: [Range<Int>] = []
        for slab in frames.lowerBound / depth...(frames.upperBound - 1) / depth {
            guard try !hasAllChunks(slab: slab, chunk: chunk, perAxis: perAxis) else { continue }
            let lost = (slab * depth..<(slab + 1) * depth).clamped(to: frames)
            if let last = runs.last, last.upperBound == lost.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<lost.upperBound
            } else {
                runs.append(lost)
            }
        }
        return runs
    }

    /// True when every chunk at one position along the frames was written.
    private func hasAllChunks(slab: Int, chunk: [Int], perAxis: [Int]) throws(ScanFileError) -> Bool {
        let image = chunk.count - 2
        for row in 0..<perAxis[image] {
            for column in 0..<perAxis[image + 1] {
                let offset = (image == 1 ? [slab * chunk[0]] : []) + [row * chunk[image], column * chunk[image + 1]]
                if try naming(storedSize(ofChunkAt: offset)) == 0 { return false }
            }
        }
        return true
    }
}
