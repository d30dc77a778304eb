import Detectors
import Diffraction
import Foundation
import Inpainting
import Testing
import Volume
import WorkMessages

@testable import Studies

/// What gaps do to the reconstructed crystal.
@Suite struct RealSpaceTests {
    private static func study(_ methods: [StudyMethod]) -> RealSpaceStudy {
        var study = RealSpaceStudy(methods: methods)
        study.crystals = 2
        study.size = 40
        study.phasingSize = 32
        study.widths = [3]
        study.phasingWidths = [3]
        study.distance = 3
        study.starts = 1
        study.strain = 1
        study.schedule = PhasingSchedule([
            .init(.hybridInputOutput(0.9), iterations: 20), .init(.errorReduction, iterations: 5),
        ])
        return study
    }

    private static let linear = StudyMethod("linear", Interpolation(.linear))

    @Test func aGapLiesBesideThePeakAndHidesNothingElse() {
        let crystal = Self.study([]).crystal(0, size: 40)
        let counts = crystal.counts
        for form in RealSpaceGap.Form.allCases {
            let gap = RealSpaceGap(form: form, width: 6, distance: 5)
            let plan = gap.plan(for: counts.shape.frame)
            #expect(!plan.mask[20, 24] && plan.mask[0, 25] && plan.mask[39, 30] && !plan.mask[0, 31])
            #expect(plan.mask[25, 0] == (form != .band))
            #expect(plan.unfillableCount == 0)
            let pattern = GappedPattern(counts, gap: gap)
            let filled = pattern.filled(by: Self.linear).data
            let hidden = Set(pattern.hidden)
            for voxel in counts.storage.indices where !hidden.contains(voxel) {
                #expect(filled.storage[voxel] == counts.storage[voxel])
            }
            #expect(pattern.hidden.allSatisfy { pattern.zeroed.storage[$0] == 0 })
        }
    }

    @Test func seamsKeepTheSumsOfThreePixels() {
        let counts = Self.study([]).crystal(1, size: 40).counts
        let pattern = GappedPattern(counts, gap: RealSpaceGap(form: .seams, width: 6, distance: 4))
        let filled = pattern.filled(by: Self.linear).data
        for frame in 0..<40 {
            func sum(_ volume: Volume<Float>, _ columns: Range<Int>) -> Float {
                columns.reduce(0) { $0 + volume[frame, 10, $1] }
            }
            for columns in [24..<27, 27..<30] {
                let (kept, measured) = (sum(filled, columns), sum(counts, columns))
                #expect(abs(kept - measured) <= 1e-4 * max(1, measured))
            }
        }
    }

    @Test func aVoxelIsBoundedByWhatItsFillStates() {
        let counts = Self.study([]).crystal(0, size: 40).counts
        let pattern = GappedPattern(counts, gap: RealSpaceGap(form: .band, width: 3, distance: 3))
        let fill = pattern.filled(by: StudyMethod("kriging", Kriging()))
        let bounds = pattern.bounds(near: fill, sigmas: 2)
        let hidden = Set(pattern.hidden)
        var within = 0
        for voxel in counts.storage.indices {
            let amplitude = counts.storage[voxel].squareRoot()
            guard hidden.contains(voxel) else {
                #expect(bounds.lower[voxel] == amplitude && bounds.upper[voxel] == amplitude)
                continue
            }
            #expect(bounds.lower[voxel] < bounds.upper[voxel])
            if bounds.lower[voxel] <= amplitude, amplitude <= bounds.upper[voxel] { within += 1 }
        }
        #expect(Double(within) / Double(hidden.count) > 0.8)
        let free = pattern.bounds(near: pattern.filled(by: Self.linear), sigmas: 2)
        #expect(pattern.hidden.allSatisfy { free.upper[$0] == .infinity })
    }

    @Test func fillingIsBetterThanZeros() throws {
        let study = Self.study([Self.linear])
        let scores = study.scoresWithTruePhases()
        // Two crystals, three gaps, three treatments.
        #expect(scores.count == 2 * 3 * 3)
        let table = RealSpaceTable.table(of: scores)
        let rows = table.rows.map { Dictionary(uniqueKeysWithValues: zip(table.columns, $0)) }
        #expect(rows.count == 3 * 3)
        for row in rows where row["treatment"] == .text("linear") {
            #expect(row["gain"]?.number ?? 0 > 1.2)
        }
        for row in rows where row["treatment"] == .text("zero") { #expect(row["gain"] == .number(1)) }
        for row in rows where row["treatment"] == .text("no gap") { #expect(row["gain"]?.number ?? 0 > 5) }
    }

    @Test func everyTreatmentIsPhasedWithAndWithoutTheSupport() throws {
        var study = Self.study([Self.linear, StudyMethod("kriging", Kriging())])
        study.crystals = 1
        let scores = study.scoresOfPhaseRetrieval()
        let names = [
            "no gap", "zero", "free", "free, total variation", "linear", "kriging", "kriging bounds",
            "kriging where trusted",
        ]
        #expect(scores.count == 2 * names.count)
        #expect(Set(scores.map(\.treatment)) == Set(names))
        #expect(Set(scores.map(\.phases)) == [.knownSupport, .shrinkWrap])
        #expect(scores.allSatisfy { $0.microstrain.isFinite && $0.error.phase < 4 })
        let report = RealSpaceReport(Self.study([]), scores: scores)
        #expect(report.figures == ["strain-known-support-cross.png", "strain-shrink-wrap-cross.png"])
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report))
        let object = try #require(json as? [String: Any])
        #expect((object["rows"] as? [[String: Any]])?.count == 2 * names.count)
        #expect(report.summary.count == 2)
    }
}
