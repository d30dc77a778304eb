internal import Fourier

/// Solves Hermitian positive definite Toeplitz systems T x = b, eight at a time, one in each lane.
///
/// T is given by its first column t: T(i, j) = t(i - j), with t(-m) the conjugate of t(m).
///
/// Source: Golub and Van Loan 2013, Matrix Computations, section 4.7 (Durbin's and Levinson's recursions).
struct ToeplitzSolver: ~Copyable {
    /// Eight complex numbers.
    struct Lanes {
        var real: SIMD8<Float>
        var imaginary: SIMD8<Float>

        static let zero = Lanes(real: .zero, imaginary: .zero)

        @inline(__always)
        init(real: SIMD8<Float>, imaginary: SIMD8<Float>) {
            self.real = real
            self.imaginary = imaginary
        }

        /// Reads eight complex numbers that stand one after the other.
        @inline(__always)
        init(_ values: UnsafeMutableBufferPointer<ComplexFloat>, at index: Int) {
            let both = UnsafeRawBufferPointer(values).loadUnaligned(
                fromByteOffset: index &* MemoryLayout<ComplexFloat>.stride, as: SIMD16<Float>.self)
            real = both.evenHalf
            imaginary = both.oddHalf
        }

        @inline(__always)
        func store(to values: UnsafeMutableBufferPointer<ComplexFloat>, at index: Int) {
            var both = SIMD16<Float>()
            both.evenHalf = real
            both.oddHalf = imaginary
            UnsafeMutableRawBufferPointer(values).storeBytes(
                of: both, toByteOffset: index &* MemoryLayout<ComplexFloat>.stride, as: SIMD16<Float>.self)
        }

        /// Adds left · right.
        @inline(__always)
        mutating func add(_ left: Lanes, times right: Lanes) {
            real += left.real * right.real - left.imaginary * right.imaginary
            imaginary += left.real * right.imaginary + left.imaginary * right.real
        }

        /// Adds left · (the conjugate of right).
        @inline(__always)
        mutating func add(_ left: Lanes, timesConjugate right: Lanes) {
            real += left.real * right.real + left.imaginary * right.imaginary
            imaginary += left.imaginary * right.real - left.real * right.imaginary
        }

        @inline(__always)
        var squaredModulus: SIMD8<Float> { real * real + imaginary * imaginary }
    }

    private let capacity: Int
    /// First column of the matrix.
    let column: UnsafeMutablePointer<Lanes>
    /// The right-hand side, and after `solve` the solution.
    let values: UnsafeMutablePointer<Lanes>
    private let predictor: UnsafeMutablePointer<Lanes>
    /// After `solve` with the diagonal: that of the inverse.
    let inverseDiagonal: UnsafeMutablePointer<SIMD8<Float>>

    /// - Parameter capacity: the largest number of unknowns.
    init(capacity: Int) {
        self.capacity = capacity
        column = .allocate(capacity: capacity)
        values = .allocate(capacity: capacity)
        predictor = .allocate(capacity: capacity)
        inverseDiagonal = .allocate(capacity: capacity)
    }

    deinit {
        column.deallocate()
        values.deallocate()
        predictor.deallocate()
        inverseDiagonal.deallocate()
    }

    /// Replaces `values` by the solution; finds the diagonal of the inverse too when asked to.
    ///
    /// - Precondition: `count` is between 1 and the capacity; all systems are positive definite.
    func solve(count: Int, diagonal: Bool) {
        precondition(count >= 1 && count <= capacity, "\(count) unknowns of at most \(capacity)")
        // The predictor a solves T a = error · (1, 0, 0 ...); turned round and conjugated, it has T's last column.
        predictor[0] = Lanes(real: SIMD8(repeating: 1), imaginary: .zero)
        var error = column[0].real
        scale(&values[0], by: 1 / error)
        if diagonal { inverseDiagonal[0] = 1 / error }
        for order in 1..<max(1, count) {
            var excess = Lanes.zero
            var missing = Lanes.zero
            for index in 0..<order {
                excess.add(column[order &- index], times: predictor[index])
                missing.add(column[order &- index], times: values[index])
            }
            let inverse = -1 / error
            scale(&excess, by: inverse)
            let reflection = excess
            extendPredictor(to: order, reflection: reflection)
            error *= SIMD8(repeating: 1) - reflection.squaredModulus
            var step = Lanes(
                real: values[order].real - missing.real, imaginary: values[order].imaginary - missing.imaginary)
            let precision = 1 / error
            scale(&step, by: precision)
            values[order] = .zero
            for index in 0...order { values[index].add(step, timesConjugate: predictor[order &- index]) }
            if diagonal {
                inverseDiagonal[order] = .zero
                for index in 0...order {
                    inverseDiagonal[index] += predictor[order &- index].squaredModulus * precision
                }
            }
        }
    }

    /// a(j) += reflection · conj(a(order - j)), for all j at once.
    private func extendPredictor(to order: Int, reflection: Lanes) {
        predictor[order] = .zero
        var (low, high) = (0, order)
        while low < high {
            let (first, last) = (predictor[low], predictor[high])
            predictor[low].add(reflection, timesConjugate: last)
            predictor[high].add(reflection, timesConjugate: first)
            low &+= 1
            high &-= 1
        }
        if low == high {
            let middle = predictor[low]
            predictor[low].add(reflection, timesConjugate: middle)
        }
    }

    @inline(__always)
    private func scale(_ lanes: inout Lanes, by factor: SIMD8<Float>) {
        lanes.real *= factor
        lanes.imaginary *= factor
    }
}
