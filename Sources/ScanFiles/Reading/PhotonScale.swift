public import Volume

/// How values come about from photons: what one photon counts as, and what the readout adds.
public struct PhotonScale: Hashable, Sendable {
    /// The value of one photon, above 0.
    public var photon: Double
    /// The standard deviation that the readout adds to each value, in the same units.
    public var readoutNoise: Double

    public init(photon: Double, readoutNoise: Double = 0) {
        precondition(photon > 0 && readoutNoise >= 0, "a photon counts as something, and noise is not negative")
        self.photon = photon
        self.readoutNoise = readoutNoise
    }

    /// Counts of photons.
    public static let counts = PhotonScale(photon: 1)

    /// The standard uncertainty of a measured value; never 0 below zero.
    @inlinable
    public func uncertainty<Value: BinaryFloatingPoint>(_ value: Value) -> Float {
        Float((Value(photon) * abs(value) + Value(readoutNoise * readoutNoise)).squareRoot())
    }
}

extension DecodedFrames {
    /// Puts the valid voxels into numbers of photons, and 0 where one is below zero.
    ///
    /// - Parameter photon: the value of one photon.
    public mutating func countPhotons(of photon: Double) {
        let photon = Voxel(photon)
        for index in voxels.indices { voxels[index] = max(voxels[index], 0) / photon }
    }
}

/// Finds out from some frames what a photon counts as in them.
///
/// Photons scatter: of three pixels in a row, a − 2b + c has twice the variance of their sum S, where one photon counts 1,
/// and g times that where it counts g; a smooth pattern adds nothing to it. So the mean of (a − 2b + c)² over pixels of
/// like S, divided by 2S, is g. It is taken where S is small, since there the pattern is smoothest against its noise.
public struct PhotonScaleExamination {
    /// Frames that are looked at.
    public static let frames = 5
    /// Triples of pixels below which nothing is concluded.
    private static let leastTriples = 300
    /// Errors stay right within 30 % while a photon counts between these.
    private static let countLike = 0.55...1.75

    /// Triples of pixels whose sums lie within one octave.
    private struct Octave {
        var count = 0
        var sum = 0.0
        var squares = 0.0

        mutating func add(_ sum: Double, square: Double) {
            count += 1
            self.sum += sum
            squares += square
        }
    }

    private let mask: PixelMask
    private var sampled: [[Float]] = []
    private var zeros = 0
    private var usable = 0
    private var negatives = 0
    private var negativeSquares = 0.0
    private var areWhole = true
    private var divisor = 0

    public init(mask: PixelMask) { self.mask = mask }

    /// Takes a decoded frame into account.
    public mutating func add(_ decoded: DecodedFrames<Float>) {
        precondition(decoded.frames.count == 1 && decoded.frameShape == mask.shape, "frames are examined one by one")
        var voxels = decoded.voxels
        for pixel in voxels.indices {
            guard !mask.storage[pixel], !decoded.invalid[pixel] else {
                voxels[pixel] = .nan
                continue
            }
            let value = voxels[pixel]
            usable += 1
            if value == 0 { zeros += 1 }
            if value < 0 {
                negatives += 1
                negativeSquares += Double(value) * Double(value)
            }
            areWhole = areWhole && value == value.rounded()
            if areWhole, divisor != 1, value != 0, abs(value) < 16_777_216 {
                divisor = Self.divisor(divisor, Int(abs(value)))
            }
        }
        sampled.append(voxels)
    }

    /// What the values are.
    public enum Finding: Equatable {
        case counts
        /// Not counts of photons, but this explains how they scatter.
        case scaled(PhotonScale, evidence: String)
        /// Whole numbers that scatter as if a photon counted that much.
        case suspicious(photon: Double)
        /// No whole numbers, and what a photon counts as cannot be told.
        case unclear
    }

    public var finding: Finding {
        let readoutNoise = readoutNoise
        let photon = scatter(beyond: readoutNoise)
        let isNoisy = readoutNoise > 0
        if areWhole, !isNoisy {
            guard let photon, isSparse, !Self.countLike.contains(photon) else { return .counts }
            if divisor > 1, (0.5...2).contains(photon / Double(divisor)) {
                return .scaled(PhotonScale(photon: Double(divisor)), evidence: "all values are multiples of it")
            }
            return .suspicious(photon: photon)
        }
        guard let photon else {
            return isNoisy && areWhole ? .counts : .unclear
        }
        if !isNoisy, let spacing, (0.5...2).contains(photon / spacing) {
            guard abs(spacing - 1) > 0.01 else { return .counts }
            return .scaled(PhotonScale(photon: spacing), evidence: "by the spacing of the values")
        }
        let scale = PhotonScale(
            photon: Self.countLike.contains(photon) ? 1 : photon, readoutNoise: readoutNoise)
        guard scale.photon != 1 else {
            return isNoisy ? .scaled(scale, evidence: "told by the values below zero") : .counts
        }
        return .scaled(scale, evidence: "by how much the values scatter")
    }

    // MARK: Noise

    /// By the values below zero, which no photon makes; 0 where they are rare.
    public var readoutNoise: Double {
        guard negatives * 50 > usable else { return 0 }
        // Rounded to whole numbers, half of the zeros were below.
        return (negativeSquares / (Double(negatives) + (areWhole ? Double(zeros) / 2 : 0))).squareRoot()
    }

    /// Whether many pixels have seen nothing, so that single photons are among the rest.
    private var isSparse: Bool { zeros * 5 > usable }

    /// What a photon counts as by the scatter of neighbours; `nil` where too little is to be seen, or it is not the same
    /// at all brightnesses.
    private func scatter(beyond readoutNoise: Double) -> Double? { scatter(of: sampled, beyond: readoutNoise) }

    private func scatter(of frames: [[Float]], beyond readoutNoise: Double) -> Double? {
        var octaves: [Int: Octave] = [:]
        let shape = mask.shape
        for voxels in frames {
            for row in 0..<shape.rows {
                for column in stride(from: row * shape.columns, to: (row + 1) * shape.columns - 2, by: 3) {
                    let (a, b, c) = (voxels[column], voxels[column + 1], voxels[column + 2])
                    let sum = Double(a + b + c)
                    guard sum > 10 * readoutNoise, sum > 0 else { continue }  // false for NaN, too
                    let difference = Double(a - 2 * b + c)
                    octaves[sum.exponent, default: Octave()].add(sum, square: difference * difference)
                }
            }
        }
        let told = octaves.filter { $0.value.count >= Self.leastTriples }.sorted { $0.key < $1.key }.prefix(3)
        let photons = told.map { _, octave in
            (octave.squares - 6 * readoutNoise * readoutNoise * Double(octave.count)) / (2 * octave.sum)
        }
        guard let least = photons.min(), let most = photons.max(), least > 0, most < 3 * least else { return nil }
        let sums = told.reduce((0.0, 0.0)) { sums, octave in
            let noise = 6 * readoutNoise * readoutNoise * Double(octave.value.count)
            return (sums.0 + octave.value.squares - noise, sums.1 + 2 * octave.value.sum)
        }
        return sums.0 / sums.1
    }

    /// From what to what a photon counts in the frames, where that changes from frame to frame, as when each was divided by
    /// a monitor of its own; `nil` where it stays the same, or cannot be told.
    public var drift: ClosedRange<Double>? {
        guard !areWhole, readoutNoise == 0 else { return nil }
        if let spacings { return Self.range(spacings, beyond: 1.05) }
        // By the scatter of each frame, where no frame is dim enough to show single photons.
        let photons = sampled.compactMap { scatter(of: [$0], beyond: 0) }
        guard photons.count > 2, photons.count == sampled.count else { return nil }
        return Self.range(photons.sorted(), beyond: 1.4)
    }

    private static func range(_ sorted: [Double], beyond factor: Double) -> ClosedRange<Double>? {
        guard let least = sorted.first, let most = sorted.last, most > factor * least else { return nil }
        return least...most
    }

    private var spacing: Double? { spacings.flatMap { $0.isEmpty ? nil : $0[$0.count / 2] } }

    /// The smallest value of each frame, of which nearly all others are multiples; `nil` where there is none.
    private var spacings: [Double]? {
        var spacings: [Double] = []
        for voxels in sampled {
            guard let least = voxels.lazy.filter({ $0 > 0 }).min() else { continue }
            let small = voxels.lazy.filter { $0 > 0 && $0 < 1000 * least }.map { Double($0) / Double(least) }
            let multiples = small.count { abs($0 - $0.rounded()) < 0.01 }
            guard multiples * 100 > 99 * small.count, multiples > 20 else { return nil }
            spacings.append(Double(least))
        }
        return spacings.sorted()
    }

    private static func divisor(_ first: Int, _ second: Int) -> Int {
        var (larger, smaller) = (max(first, second), min(first, second))
        while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
