internal import Foundation
internal import Inpainting

/// How many of the counts that were hidden lie within the limits that a fill states for 68 % and 95 %, by brightness.
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

    struct Counted: Sendable, Equatable {
        var voxels = 0
        var withinOneSigma = 0.0
        var withinTwoSigma = 0.0
    }

    private(set) var classes = [Counted](repeating: Counted(), count: Brightness.allCases.count)

    public init() {}

    /// - Parameter error: the stated uncertainty in counts; NaN or `nil` where there is none.
    public mutating func add(count: Float, estimate: Float, error: Float?) {
        guard let error, error.isFinite else { return }
        let law = CountDistribution(mean: estimate, deviation: error)
        let place = Brightness(estimate).rawValue
        classes[place].voxels += 1
        classes[place].withinOneSigma += law.coverage(of: count, holding: CountDistribution.oneSigma)
        classes[place].withinTwoSigma += law.coverage(of: count, holding: CountDistribution.twoSigma)
    }

    public mutating func add(_ other: VoxelCoverage) {
        for place in classes.indices {
            classes[place].voxels += other.classes[place].voxels
            classes[place].withinOneSigma += other.classes[place].withinOneSigma
            classes[place].withinTwoSigma += other.classes[place].withinTwoSigma
        }
    }

    static let columns = Brightness.allCases.flatMap { brightness in
        ["voxels", "within_1_sigma", "within_2_sigma"].map { "\($0)_\(brightness.name)" }
    }

    /// One for each of the ``columns``.
    var values: [StudyTable.Value] {
        classes.flatMap { counted -> [StudyTable.Value] in
            func share(_ sum: Double) -> StudyTable.Value {
                counted.voxels > 0 ? .number(sum / Double(counted.voxels)) : .missing
            }
            return [.integer(counted.voxels), share(counted.withinOneSigma), share(counted.withinTwoSigma)]
        }
    }
}

extension VoxelCoverage: CustomStringConvertible {
    /// e.g. "below 1: 0.68 0.95, 1 to 10: 0.66 0.94".
    public var description: String {
        zip(Brightness.allCases, classes).filter { $1.voxels > 0 }.map { brightness, counted in
            let voxels = Double(counted.voxels)
            return brightness.name.replacing("_", with: " ")
                + String(
                    format: ": %.2f %.2f", counted.withinOneSigma / voxels, counted.withinTwoSigma / voxels)
        }.joined(separator: ", ")
    }
}
