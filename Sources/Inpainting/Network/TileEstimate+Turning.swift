internal import Volume

extension TileEstimate {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> TileEstimate {
        TileEstimate(
            mean: mean.turned(rows: rows, columns: columns),
            deviation: deviation.turned(rows: rows, columns: columns),
            background: background.turned(rows: rows, columns: columns), signalShare: signalShare)
    }
}

extension Volume {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> Volume {
        Volume(
            shape: shape,
            storage: (0..<shape.frames).flatMap { frame in
                shape.frame.turned(storage[range(ofFrame: frame)], rows: rows, columns: columns)
            })
    }
}

extension PixelMask {
    /// The same with its rows, its columns, or both in reverse order.
    func turned(rows: Bool, columns: Bool) -> PixelMask {
        PixelMask(shape: shape, storage: shape.turned(storage[...], rows: rows, columns: columns))
    }
}

extension FrameShape {
    /// The pixels of one frame with rows, columns, or both in reverse order.
    fileprivate func turned<Pixel>(_ pixels: ArraySlice<Pixel>, rows: Bool, columns: Bool) -> [Pixel] {
        (0..<self.rows).flatMap { row in
            let start = pixels.startIndex + (rows ? self.rows - 1 - row : row) * self.columns
            let line = pixels[start..<start + self.columns]
            return columns ? Array(line.reversed()) : Array(line)
        }
    }
}
