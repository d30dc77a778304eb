public import Volume

extension PixelMask {
    /// A detector image, row-major, in which the masked pixels saw nothing and hold `flag` instead.
    ///
    /// - Precondition: `frame.count == shape.count`.
    public func blinded(_ frame: [UInt32], flag: UInt32 = 0) -> [UInt32] {
        precondition(frame.count == shape.count, "\(frame.count) counts given for a mask of \(shape)")
        var frame = frame
        for index in frame.indices where storage[index] { frame[index] = flag }
        return frame
    }
}
