/// Sizes for which a fast Fourier transform is fast.
public enum FastSize {
    /// The smallest multiple of `step` of at least `size` whose prime factors are 2, 3, 5 and 7.
    ///
    /// - Precondition: `step` has no other prime factors and is at least 1.
    public static func next(atLeast size: Int, multipleOf step: Int = 2) -> Int {
        var candidate = max(step, (size + step - 1) / step * step)
        while !isSmooth(candidate) { candidate += step }
        return candidate
    }

    private static func isSmooth(_ number: Int) -> Bool {
        var rest = number
        for prime in [2, 3, 5, 7] {
            while rest % prime == 0 { rest /= prime }
        }
        return rest == 1
    }
}
