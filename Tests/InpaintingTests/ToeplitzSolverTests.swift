import Diffraction
import Fourier
import Testing

@testable import Inpainting

@Suite struct ToeplitzSolverTests {
    /// The first column of a Hermitian positive definite Toeplitz matrix, another one in each of eight lanes.
    private func column(_ count: Int, using generator: inout SeededGenerator) -> [[ComplexFloat]] {
        (0..<8).map { _ in
            // Covariances of a spectrum that is positive everywhere.
            let powers = (0..<2 * count).map { _ in Float(generator.uniform(in: 0.1...4)) }
            return (0..<count).map { lag in
                powers.enumerated().reduce(ComplexFloat(0)) { sum, power in
                    let wave = ComplexFloat(turns: Double(power.offset * lag) / Double(2 * count)) * power.element
                    return ComplexFloat(sum.real + wave.real, sum.imaginary + wave.imaginary)
                } * (1 / Float(2 * count))
            }
        }
    }

    private func element(_ column: [ComplexFloat], _ row: Int, _ other: Int) -> ComplexFloat {
        row >= other ? column[row - other] : column[other - row].conjugate
    }

    private func load(_ values: [[ComplexFloat]], _ index: Int) -> ToeplitzSolver.Lanes {
        var lanes = values.map { $0[index] }
        return lanes.withUnsafeMutableBufferPointer { ToeplitzSolver.Lanes($0, at: 0) }
    }

    @Test(arguments: [1, 2, 3, 8, 13, 38]) func theMatrixTimesTheSolutionIsTheRightHandSide(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let columns = column(count, using: &generator)
        let right = (0..<8).map { _ in
            (0..<count).map { _ in ComplexFloat(Float(generator.normal()), Float(generator.normal())) }
        }
        let solver = ToeplitzSolver(capacity: 40)
        for index in 0..<count {
            solver.column[index] = load(columns, index)
            solver.values[index] = load(right, index)
        }
        solver.solve(count: count, diagonal: false)
        for lane in 0..<8 {
            for row in 0..<count {
                var sum = ComplexFloat(0)
                for other in 0..<count {
                    let value = ComplexFloat(solver.values[other].real[lane], solver.values[other].imaginary[lane])
                    let product = element(columns[lane], row, other) * value
                    sum = ComplexFloat(sum.real + product.real, sum.imaginary + product.imaginary)
                }
                #expect(abs(sum.real - right[lane][row].real) < 1e-4)
                #expect(abs(sum.imaginary - right[lane][row].imaginary) < 1e-4)
            }
        }
    }

    @Test(arguments: [1, 2, 7, 12]) func theDiagonalIsThatOfTheInverse(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let columns = column(count, using: &generator)
        let solver = ToeplitzSolver(capacity: count)
        for index in 0..<count { solver.column[index] = load(columns, index) }
        var diagonal: [SIMD8<Float>] = []
        for unit in 0..<count {
            for index in 0..<count {
                solver.values[index] = .init(real: SIMD8(repeating: index == unit ? 1 : 0), imaginary: .zero)
            }
            solver.solve(count: count, diagonal: true)
            diagonal.append(solver.values[unit].real)
        }
        for index in 0..<count {
            let difference = solver.inverseDiagonal[index] - diagonal[index]
            #expect(difference.max() < 1e-4 && difference.min() > -1e-4)
        }
    }
}
