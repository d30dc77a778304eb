internal import Foundation
internal import Inpainting

/// How many of the counts that were hidden lie within the limits that a fill states for 68 % and 95 %.
public struct LimitCoverage: Sendable, Equatable {
    /// Voxels for which the fill states an uncertainty.
    public private(set) var voxels = 0
    private var within = SIMD2<Double>.zero

    /// The share of the counts within either limit; `nil` where none is stated.
    public var shares: (oneSigma: Double, twoSigma: Double)? {
        voxels > 0 ? (within[0] / Double(voxels), within[1] / Double(voxels)) : nil
    }

    /// - Parameter error: the stated uncertainty in counts; NaN or `nil` where there is none.
    mutating func add(count: Float, estimate: Float, error: Float?) {
        guard let error, error.isFinite else { return }
        let law = CountDistribution(mean: estimate, deviation: error)
        voxels += 1
        within[0] += law.coverage(of: count, holding: CountDistribution.oneSigma)
        within[1] += law.coverage(of: count, holding: CountDistribution.twoSigma)
    }

    mutating func add(_ other: LimitCoverage) {
        voxels += other.voxels
        within += other.within
    }
}

/// The same by brightness.
public struct VoxelCoverage: Sendable, Equatable {
    /// Estimates in counts.
    public enum Brightness: Int, CaseIterable, Sendable {
        case below1, from1to10, from10to100, above100

        init(_ estimate: Float) {
            self =
                switch estimate {
                case ..<1: .below1
                case ..<10: .from1to10
                case ..<100: .from10to100
                default: .above100
                }
        }

        var name: String { ["below_1", "1_to_10", "10_to_100", "above_100"][rawValue] }
    }

    private(set) var classes = [LimitCoverage](repeating: LimitCoverage(), count: Brightness.allCases.count)

    public init() {}

    /// - Parameter error: the stated uncertainty in counts; NaN or `nil` where there is none.
    public mutating func add(count: Float, estimate: Float, error: Float?) {
        classes[Brightness(estimate).rawValue].add(count: count, estimate: estimate, error: error)
    }

    public mutating func add(_ other: VoxelCoverage) {
        for place in classes.indices { classes[place].add(other.classes[place]) }
    }

    static let columns = Brightness.allCases.flatMap { brightness in
        ["voxels", "within_1_sigma", "within_2_sigma"].map { "\($0)_\(brightness.name)" }
    }

    /// One for each of the ``columns``.
    var values: [StudyTable.Value] {
        classes.flatMap { [.integer($0.voxels), .init($0.shares?.oneSigma), .init($0.shares?.twoSigma)] }
    }
}

extension VoxelCoverage: CustomStringConvertible {
    /// e.g. "below 1: 0.68 0.95, 1 to 10: 0.66 0.94".
    public var description: String {
        zip(Brightness.allCases, classes).compactMap { brightness, coverage in
            coverage.shares.map {
                brightness.name.replacing("_", with: " ") + String(format: ": %.2f %.2f", $0.oneSigma, $0.twoSigma)
            }
        }.joined(separator: ", ")
    }
}
