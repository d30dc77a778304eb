internal import Foundation
public import Volume

/// What some frames of a scan, spread over the whole of it, tell about pixels that measure nothing.
///
/// A pixel of a working detector does not show the same value in every frame of a scan, unless it sees nothing at all.
public struct PixelExamination {
    /// Frames that are looked at.
    public static let frames = 16

    public let shape: FrameShape
    /// Pixels that are masked already.
    private let mask: PixelMask
    private var count = 0
    private var first: [Float] = []
    private var isConstant: [Bool]
    private var isNegativeOnce: [Bool]
    private var isLit: [Bool]
    private var timesIsolated: [UInt8]
    private var sums: [Double] = []
    private var largest: Float = 0

    public init(mask: PixelMask) {
        shape = mask.shape
        self.mask = mask
        isConstant = [Bool](repeating: true, count: shape.count)
        isNegativeOnce = [Bool](repeating: false, count: shape.count)
        isLit = isNegativeOnce
        timesIsolated = [UInt8](repeating: 0, count: shape.count)
    }

    /// Takes a decoded frame into account.
    public mutating func add(_ decoded: DecodedFrames<Float>) {
        precondition(decoded.frames.count == 1 && decoded.frameShape == shape, "frames are examined one by one")
        let voxels = decoded.voxels
        count += 1
        if first.isEmpty { first = voxels }
        var sum = 0.0
        var unusable = mask.storage
        for pixel in voxels.indices {
            let value = voxels[pixel]
            if decoded.invalid[pixel] { unusable[pixel] = true }
            if unusable[pixel] {
                isConstant[pixel] = isConstant[pixel] && mask.storage[pixel]
                continue
            }
            isConstant[pixel] = isConstant[pixel] && value == first[pixel]
            if value < 0 { isNegativeOnce[pixel] = true }
            if value > 0 { isLit[pixel] = true }
            largest = max(largest, value)
            sum += Double(value)
        }
        sums.append(sum)
        for pixel in IsolatedVoxels.pixels(of: voxels[...], shape: shape, unusable: unusable) {
            timesIsolated[pixel] += 1
        }
    }

    /// The least that a frame holds which is not empty; `nil` where too many are empty to tell.
    ///
    /// By chance a frame like the others is empty with a probability of exp of minus that.
    public var leastFrameSum: Double? {
        let lit = sums.filter { $0 != 0 }
        return lit.count * 2 > sums.count ? lit.min() : nil
    }

    /// A group of pixels that measure nothing.
    public struct Finding: Equatable {
        public enum Kind: Equatable {
            /// The same top value of a counter in every frame.
            case flag
            /// The same value in every frame, which chance does not explain.
            case stuck
            /// Bright in every frame, with nothing around it.
            case hot
        }

        public var kind: Kind
        /// What they hold; `nil` where that differs.
        public var value: Float?
        /// Row-major, ascending.
        public var pixels: [Int]

        public var description: String {
            let pixels = "\(pixels.count) \(pixels.count == 1 ? "pixel" : "pixels")"
            let text = value.map { $0 == $0.rounded() ? String(Int($0)) : String($0) } ?? "the same value"
            return switch kind {
            case .flag: "\(pixels) hold \(text) in every frame looked at, the top of a counter: taken for flags, masked"
            case .stuck: "\(pixels) hold \(text) in every frame looked at: masked"
            case .hot: "\(pixels) that the detector's mask lacks are bright in every frame with nothing around: masked"
            }
        }
    }

    /// What was found; a pixel stands in one group only.
    public var findings: [Finding] {
        guard count >= 3 else { return [] }
        let constant = isConstant.indices.filter { isConstant[$0] && !mask.storage[$0] && first[$0] != 0 }
        var (flags, stuck): ([Float: [Int]], [Int]) = ([:], [])
        // Where noise makes values negative, a pixel may show the same one a few times.
        let isNoisy = 2 * constant.count { first[$0] < 0 } < isNegativeOnce.count { $0 }
        for pixel in constant {
            let value = first[pixel]
            if value < 0 ? !isNoisy || count >= 10 : value == largest && Self.isTop(value) {
                flags[value, default: []].append(pixel)
            } else if value > 0, Double(count - 1) / 2 * log(2 * .pi * Double(value)) > 27.6 {
                stuck.append(pixel)
            }
        }
        // A scan of frames that are all the same says nothing of its pixels.
        let lit = isLit.count { $0 }
        if stuck.count * 20 > lit { stuck = [] }
        var taken = Set(flags.values.joined())
        taken.formUnion(stuck)
        let hot = timesIsolated.indices.filter {
            count >= 6 && timesIsolated[$0] == count && !taken.contains($0)
        }
        return flags.sorted { $0.key < $1.key }.map { Finding(kind: .flag, value: $0.key, pixels: $0.value) }
            + (stuck.isEmpty ? [] : [Finding(kind: .stuck, pixels: stuck)])
            + (hot.isEmpty ? [] : [Finding(kind: .hot, pixels: hot)])
    }

    /// True for 2ⁿ−1 and 2ⁿ−2 of a counter's usual numbers of bits.
    private static func isTop(_ value: Float) -> Bool {
        [8, 10, 12, 14, 16, 20, 24, 31, 32].contains { bits in
            let top = Double(UInt64(1) << UInt64(bits)) - 1
            return value == Float(top) || value == Float(top - 1)
        }
    }
}

/// Voxels that stand out from everything around them in their own frame: hot pixels and “aliens”.
///
/// A voxel is isolated when it holds more than 25 counts beyond ten times the second largest of its eight neighbours,
/// and the 24 voxels around it, without the largest, sum up to less than a tenth of it. A Bragg peak is wider than that,
/// and its surroundings are lit; on a streak, even of one pixel's width, two neighbours are as bright. So is, of course,
/// an alien of more than two pixels, which cannot be told from diffraction by this rule.
public enum IsolatedVoxels {
    private static let least: Float = 25
    private static let contrast: Float = 10
    private static let surroundings: Float = 0.1
    private static let neighboursNeeded = 3

    /// The isolated pixels of a frame, ascending.
    ///
    /// - Parameters:
    ///   - frame: its voxels, row-major.
    ///   - unusable: pixels that are neither looked at nor counted as neighbours, row-major.
    public static func pixels(of frame: ArraySlice<Float>, shape: FrameShape, unusable: [Bool]) -> [Int] {
        precondition(frame.count == shape.count && unusable.count == shape.count, "one voxel for each pixel")
        return frame.withUnsafeBufferPointer { voxels in
            voxels.indices.filter { pixel in
                voxels[pixel] > least && !unusable[pixel] && isIsolated(pixel, voxels, shape, unusable)
            }
        }
    }

    private static func isIsolated(
        _ pixel: Int, _ voxels: UnsafeBufferPointer<Float>, _ shape: FrameShape, _ unusable: [Bool]
    ) -> Bool {
        let (row, column) = (pixel / shape.columns, pixel % shape.columns)
        var (largest, second, sum, brightest, count) = (Float(0), Float(0), Float(0), Float(0), 0)
        for y in max(0, row - 2)...min(shape.rows - 1, row + 2) {
            for x in max(0, column - 2)...min(shape.columns - 1, column + 2) {
                let other = y * shape.columns + x
                guard other != pixel, !unusable[other] else { continue }
                let value = voxels[other]
                sum += max(value, 0)
                brightest = max(brightest, value)
                guard abs(y - row) <= 1, abs(x - column) <= 1 else { continue }
                count += 1
                if value > largest { (largest, second) = (value, largest) } else { second = max(second, value) }
            }
        }
        return count >= neighboursNeeded && voxels[pixel] > least + contrast * second
            && sum - brightest < surroundings * voxels[pixel]
    }
}
