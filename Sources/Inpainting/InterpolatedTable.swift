extension [Float] {
    /// A table of at least two numbers read between its entries: linear from one to the next, beyond the last as before it.
    ///
    /// - Parameter position: in entries, at least 0.
    @inline(__always)
    func interpolated(at position: Float) -> Float {
        let index = Swift.min(Int(position), count - 2)
        let share = position - Float(index)
        return self[index] * (1 - share) + self[index + 1] * share
    }
}
