internal import Fourier

extension CrystalObject {
    /// Sums the planes, each times its phase, into one image, and hands it out row by row.
    ///
    /// - Parameters:
    ///   - phases: one for each plane.
    ///   - body: takes (row, the row's `lattice.columns` sums, the columns that are not zero).
    func project(phases: [ComplexFloat], _ body: (Int, UnsafePointer<ComplexFloat>, Range<Int>) -> Void) {
        let columns = lattice.columns
        // Sums of real and imaginary parts, apart as the object's, and the row that they make.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * columns) { sums in
            withUnsafeTemporaryAllocation(of: ComplexFloat.self, capacity: columns) { line in
                guard let sum = sums.baseAddress, let start = line.baseAddress else { return }
                for row in 0..<lattice.rows {
                    sums.initialize(repeating: 0)
                    let covered = addPlanes(phases: phases, row: row, real: sum, imaginary: sum + columns)
                    for column in covered { start[column] = ComplexFloat(sum[column], sum[columns &+ column]) }
                    if !covered.isEmpty { body(row, start, covered) }
                }
            }
        }
    }

    /// Adds the same row of all planes; returns the columns touched.
    private func addPlanes(
        phases: [ComplexFloat], row: Int, real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>
    ) -> Range<Int> {
        var covered = 0..<0
        self.real.withUnsafeBufferPointer { realParts in
            self.imaginary.withUnsafeBufferPointer { imaginaryParts in
                for (plane, phase) in phases.enumerated() {
                    let line = plane &* lattice.rows &+ row
                    let span = spans[line]
                    guard !span.isEmpty else { continue }
                    covered =
                        covered.isEmpty
                        ? span : min(covered.lowerBound, span.lowerBound)..<max(covered.upperBound, span.upperBound)
                    let base = line &* lattice.columns
                    for column in span {
                        let (x, y) = (realParts[base &+ column], imaginaryParts[base &+ column])
                        real[column] += phase.real * x - phase.imaginary * y
                        imaginary[column] += phase.real * y + phase.imaginary * x
                    }
                }
            }
        }
        return covered
    }
}
