import CFFTW
import Foundation
import Volume

/// One FFTW plan, destroyed with its owner.
///
/// Plans are estimated, never measured: timing would choose other algorithms on other days, and results would differ
/// in their last bits.
final class FourierPlan {
    enum Direction {
        case forward, backward
    }

    enum Kind {
        /// Complex to complex.
        case forward, backward
        /// Real to half-complex and back.
        case realForward, realBackward
    }

    /// FFTW's planner keeps global state; only the execution of plans is thread-safe.
    private static let planner = NSLock()

    let handle: fftwf_plan

    /// A complex transform in place.
    ///
    /// - Precondition: every extent of the shape is at least 1.
    convenience init(_ direction: Direction, shape: VolumeShape) {
        precondition(shape.extents.allSatisfy { $0 >= 1 }, "a Fourier transform of \(shape)")
        let extents = shape.extents.map(Int32.init)
        self.init("\(shape)") { complex, _, options in
            fftwf_plan_dft(
                3, extents, complex, complex, direction == .forward ? FFTW_FORWARD : FFTW_BACKWARD, options)
        }
    }

    /// Complex transforms of `lanes` lines of `count` points each between a volume, where point p of line l stands at
    /// p · `pitch` + l, and an array where it stands at l · `count` + p.
    ///
    /// - Precondition: all numbers are at least 1.
    convenience init(_ direction: Direction, count: Int, lanes: Int, pitch: Int) {
        precondition(min(count, lanes, pitch) >= 1, "Fourier transforms of \(lanes) lines of \(count)")
        let extent = [Int32(count)]
        let (points, lines) = (Int32(pitch), Int32(count))
        self.init("\(lanes) lines of \(count)") { complex, _, options in
            switch direction {
            case .forward:
                fftwf_plan_many_dft(
                    1, extent, Int32(lanes), complex, nil, points, 1, complex + 2, nil, 1, lines, FFTW_FORWARD, options)
            case .backward:
                fftwf_plan_many_dft(
                    1, extent, Int32(lanes), complex, nil, 1, lines, complex + 2, nil, points, 1, FFTW_BACKWARD, options
                )
            }
        }
    }

    /// Transforms of `lanes` lines of `count` points each, out of place.
    ///
    /// - Precondition: both numbers are at least 1.
    convenience init(
        _ kind: Kind, count: Int, lanes: Int, from source: FourierLines.Layout, to target: FourierLines.Layout
    ) {
        precondition(count >= 1 && lanes >= 1, "Fourier transforms of \(lanes) lines of \(count)")
        let extent = [Int32(count)]
        let many = Int32(lanes)
        func steps(_ layout: FourierLines.Layout) -> (point: Int32, line: Int32) {
            layout == .sideBySide ? (many, 1) : (1, Int32(count))
        }
        let (from, to) = (steps(source), steps(target))
        self.init("\(lanes) lines of \(count)") { complex, real, options in
            let other = complex + 2
            return switch kind {
            case .forward, .backward:
                fftwf_plan_many_dft(
                    1, extent, many, complex, nil, from.point, from.line, other, nil, to.point, to.line,
                    kind == .forward ? FFTW_FORWARD : FFTW_BACKWARD, options)
            case .realForward:
                fftwf_plan_many_dft_r2c(
                    1, extent, many, real, nil, from.point, from.line, complex, nil, to.point, to.line, options)
            case .realBackward:
                fftwf_plan_many_dft_c2r(
                    1, extent, many, complex, nil, from.point, from.line, real, nil, to.point, to.line, options)
            }
        }
    }

    private init(
        _ name: String, make: (UnsafeMutablePointer<fftwf_complex>, UnsafeMutablePointer<Float>, UInt32) -> fftwf_plan?
    ) {
        // An estimated plan neither reads nor writes its arrays: it only asks where they lie.
        let complex = UnsafeMutablePointer<fftwf_complex>.allocate(capacity: 4)
        let real = UnsafeMutablePointer<Float>.allocate(capacity: 4)
        defer {
            complex.deallocate()
            real.deallocate()
        }
        guard let plan = Self.planner.withLock({ make(complex, real, UInt32(FFTW_ESTIMATE)) }) else {
            preconditionFailure("FFTW has no plan for \(name)")
        }
        handle = plan
    }

    deinit { Self.planner.withLock { fftwf_destroy_plan(handle) } }
}

extension UnsafeMutableBufferPointer<ComplexFloat> {
    /// The same memory as FFTW names it.
    ///
    /// - Precondition: it holds `count` elements and starts as aligned as FFTW expects.
    func fftw(count: Int) -> UnsafeMutablePointer<fftwf_complex> {
        precondition(self.count == count, "\(self.count) complex numbers for a transform of \(count)")
        guard let start = UnsafeMutableRawPointer(baseAddress) else { preconditionFailure("an empty transform") }
        precondition(Int(bitPattern: start) % 16 == 0, "FFTW needs arrays that start at a multiple of 16 bytes")
        return start.assumingMemoryBound(to: fftwf_complex.self)
    }
}

/// A complex number of single precision, laid out as C and FFTW do: real part first.
public struct ComplexFloat: Hashable, Sendable, BitwiseCopyable {
    public var real: Float
    public var imaginary: Float

    @inlinable
    public init(_ real: Float, _ imaginary: Float = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    /// The number of modulus 1 whose argument is the given number of full turns.
    public init(turns: Double) {
        let angle = 2 * Double.pi * turns
        self.init(Float(cos(angle)), Float(sin(angle)))
    }

    /// The square of the modulus: an intensity, where the number is an amplitude.
    @inlinable
    public var squaredModulus: Float { real * real + imaginary * imaginary }

    @inlinable
    public var conjugate: ComplexFloat { ComplexFloat(real, -imaginary) }

    @inlinable
    public static func * (left: ComplexFloat, right: ComplexFloat) -> ComplexFloat {
        ComplexFloat(
            left.real * right.real - left.imaginary * right.imaginary,
            left.real * right.imaginary + left.imaginary * right.real)
    }

    @inlinable
    public static func * (left: ComplexFloat, right: Float) -> ComplexFloat {
        ComplexFloat(left.real * right, left.imaginary * right)
    }
}

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

/// The discrete Fourier transforms of many complex lines at once.
///
/// One object may be used from many threads at once; each call runs on the calling thread.
public final class FourierLines: @unchecked Sendable {
    // Safe to share: plans do not change after `init`, and FFTW may execute one plan on many arrays at once.
    private let forwardPlan: FourierPlan
    private let backwardPlan: FourierPlan

    /// How the points of the lines stand in memory.
    public enum Layout: Sendable {
        /// Point p of line l at p · `lanes` + l.
        case sideBySide
        /// Point p of line l at l · `count` + p.
        case successive
    }

    /// Number of points of a line.
    public let count: Int
    /// Number of lines.
    public let lanes: Int

    /// - Parameters:
    ///   - space: how the points stand before `forward` and after `backward`.
    ///   - frequency: how they stand the other way round.
    /// - Precondition: both numbers are at least 1.
    public init(count: Int, lanes: Int, space: Layout = .sideBySide, frequency: Layout = .sideBySide) {
        precondition(count >= 1 && lanes >= 1, "Fourier transforms of \(lanes) lines of \(count)")
        self.count = count
        self.lanes = lanes
        forwardPlan = FourierPlan(.forward, count: count, lanes: lanes, from: space, to: frequency)
        backwardPlan = FourierPlan(.backward, count: count, lanes: lanes, from: frequency, to: space)
    }

    /// Writes F(k) = Σ f(x) exp(-2πi k x/N) of each line.
    ///
    /// - Precondition: there are `count * lanes` values in both arrays, which start at a multiple of 16 bytes and are
    ///   not the same.
    public func forward(
        _ values: UnsafeMutableBufferPointer<ComplexFloat>, to spectrum: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        fftwf_execute_dft(forwardPlan.handle, values.fftw(count: count * lanes), spectrum.fftw(count: count * lanes))
    }

    /// Writes Σ F(k) exp(+2πi k x/N) of each line: N times what undoes `forward`.
    ///
    /// - Precondition: as for `forward`.
    public func backward(
        _ spectrum: UnsafeMutableBufferPointer<ComplexFloat>, to values: UnsafeMutableBufferPointer<ComplexFloat>
    ) {
        fftwf_execute_dft(backwardPlan.handle, spectrum.fftw(count: count * lanes), values.fftw(count: count * lanes))
    }
}
