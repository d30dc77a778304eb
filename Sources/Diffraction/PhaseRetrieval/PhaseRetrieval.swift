internal import Foundation
public import Fourier
public import Volume

/// Finds the complex object whose transform has the amplitudes of a pattern and which vanishes outside of a support.
///
/// Works in single precision, on all cores, and allocates nothing in an iteration; the same start gives the same bytes on
/// any number of cores. An instance is used from one thread at a time.
///
/// Sources: the algorithms' at ``PhasingAlgorithm``, the support's at ``ShrinkWrap``.
public final class PhaseRetrieval {
    public let shape: VolumeShape

    private let amplitudes: SlicedBounds
    private let memory: PhasingMemory
    /// Room for expected counts; nothing is in it as long as the pattern is coherent.
    private var expectedRoom: AlignedBuffer<Float>?

    /// What makes the counts differ from coherent intensities.
    public var incoherence = Incoherence.none
    /// Length of the steps down the total variation of the object inside of its support, as a share of the object's own;
    /// there is one each ``smoothingPeriod`` iterations.
    public var smoothing: Float = 0
    static let smoothingPeriod = 5

    /// How far the pattern was from its bounds before each iteration: the root of the sum of the squared distances, over
    /// that of the counts. Error reduction never lets it rise (Fienup 1982).
    public private(set) var errors: [Double] = []

    /// - Precondition: the pattern has an even number of columns.
    public init(_ bounds: AmplitudeBounds) {
        shape = bounds.shape
        amplitudes = SlicedBounds(bounds)
        memory = PhasingMemory(shape: bounds.shape)
    }

    // MARK: Start

    /// Takes a support, and an object of random moduli and phases inside.
    ///
    /// - Parameters:
    ///   - isInside: one for each voxel, some of them true.
    ///   - seed: the same gives the same object.
    public func start(support isInside: [Bool], seed: UInt64) {
        precondition(isInside.count == shape.count, "\(isInside.count) flags for \(shape)")
        var generator = SeededGenerator(seed: seed, stream: 0x5048_4153)
        let (object, support) = (memory.object.values, memory.support.values)
        var sum = 0.0
        for voxel in isInside.indices {
            support[voxel] = isInside[voxel] ? 1 : 0
            object[voxel] = ComplexFloat(0)
            guard isInside[voxel] else { continue }
            let modulus = Float(generator.uniform(in: 0.5...1))
            object[voxel] = ComplexFloat(turns: generator.uniform(in: -0.25...0.25)) * modulus
            sum += Double(modulus * modulus)
        }
        // Parseval: voxels that nothing bounds would else keep the scale of the start.
        let scale = Float((amplitudes.squaredNorm / (sum * Double(shape.count))).squareRoot())
        for voxel in isInside.indices { object[voxel] = object[voxel] * scale }
        errors = []
    }

    /// Where the autocorrelation of the object, the transform of its intensities, is above a share of its maximum.
    ///
    /// Voxels that are not measured count as dark as they may be.
    public func autocorrelationSupport(threshold: Float) -> [Bool] {
        memory.forEachRow { row, lines in
            self.amplitudes.writeIntensities(row: row, to: lines)
            self.memory.backwardLines(lines, row: row)
            return 0
        }
        memory.forEachFrame { frame, room in self.memory.backwardImage(frame, room: room) }
        let moduli = memory.imageModuli()
        let limit = threshold * moduli[0]
        var isInside = [Bool](repeating: false, count: shape.count)
        for row in 0..<shape.rows {
            CentredOrder(shape).forEachVoxel(ofSpectrumRow: row) { line, voxel in
                let (frame, column) = (line % shape.frames, line / shape.frames)
                isInside[voxel] = moduli[(frame * shape.rows + row) * shape.columns + column] > limit
            }
        }
        return isInside
    }

    // MARK: Iterations

    /// Runs a schedule.
    ///
    /// - Parameter shrinkWrap: how the support follows the object in the first stage; it stays as it is without.
    public func run(_ schedule: PhasingSchedule, shrinkWrap: ShrinkWrap? = nil) {
        errors.reserveCapacity(errors.count + schedule.iterations)
        var stages = schedule.stages[...]
        if let shrinkWrap, let first = stages.popFirst() {
            for start in stride(from: 0, to: first.iterations, by: shrinkWrap.period) {
                let end = min(first.iterations, start + shrinkWrap.period)
                iterate(first.algorithm, end - start, leavingEstimatesFree: first.leavesEstimatesFree)
                let width = shrinkWrap.width(progress: Double(end) / Double(first.iterations))
                shrinkSupport(blur: width, threshold: shrinkWrap.threshold)
            }
        }
        for stage in stages {
            iterate(stage.algorithm, stage.iterations, leavingEstimatesFree: stage.leavesEstimatesFree)
        }
    }

    /// Runs one algorithm.
    ///
    /// - Parameter leavingEstimatesFree: see ``PhasingSchedule/Stage/leavesEstimatesFree``.
    public func iterate(_ algorithm: PhasingAlgorithm, _ iterations: Int, leavingEstimatesFree: Bool = false) {
        guard iterations > 0 else { return }
        memory.forEachFrame { frame, room in self.memory.forwardImage(frame, room: room) }
        for iteration in 1...iterations {
            let expected = takeExpectedCounts()
            let squaredError = memory.forEachRow { row, lines in
                self.memory.forwardLines(row: row, to: lines)
                let error = self.amplitudes.project(
                    row: row, lines, expected: expected, leavingEstimatesFree: leavingEstimatesFree)
                self.memory.backwardLines(lines, row: row)
                return error
            }
            errors.append((squaredError / amplitudes.squaredNorm).squareRoot())
            let smooths = smoothing > 0 && iteration.isMultiple(of: Self.smoothingPeriod)
            memory.forEachFrame { frame, room in
                self.memory.backwardImage(frame, room: room)
                self.update(frame: frame, algorithm)
                if iteration < iterations, !smooths { self.memory.forwardImage(frame, room: room) }
            }
            guard smooths else { continue }
            TotalVariation.descend(
                memory.object.values, support: memory.support.values, shape: shape, share: smoothing)
            if iteration < iterations {
                memory.forEachFrame { frame, room in self.memory.forwardImage(frame, room: room) }
            }
        }
    }

    /// What is expected of the object whose images are transformed; `nil` where that is what a coherent pattern has.
    private func takeExpectedCounts() -> ExpectedCounts? {
        guard incoherence != .none else { return nil }
        let room =
            expectedRoom ?? AlignedBuffer<Float>(count: shape.rows * amplitudes.lineStride, repeating: 0)
        expectedRoom = room
        let expected = ExpectedCounts(incoherence, shape: shape, lineStride: amplitudes.lineStride, room: room)
        memory.forEachRow { row, lines in
            self.memory.forwardLines(row: row, to: lines)
            expected.take(row: row, lines)
            return 0
        }
        return expected
    }

    /// Makes one image of the next object.
    private func update(frame: Int, _ algorithm: PhasingAlgorithm) {
        let (kept, taken) = (algorithm.kept, algorithm.taken)
        let (object, projected, support) = (
            memory.object(frame: frame), memory.image(frame: frame), memory.support(frame: frame)
        )
        for pixel in object.indices {
            let new = projected[pixel]
            if support[pixel] != 0 {
                object[pixel] = new
            } else {
                let old = object[pixel]
                object[pixel] = ComplexFloat(
                    kept * old.real + taken * new.real, kept * old.imaginary + taken * new.imaginary)
            }
        }
    }

    /// Takes as support where the blurred modulus is above a share of its maximum.
    private func shrinkSupport(blur: Double, threshold: Float) {
        let kernel = GaussianSpectrum(width: blur, shape: shape)
        memory.forEachFrame { frame, room in
            let (object, image) = (self.memory.object(frame: frame), self.memory.image(frame: frame))
            for pixel in object.indices {
                image[pixel] = ComplexFloat(object[pixel].squaredModulus.squareRoot())
            }
            self.memory.forwardImageInPlace(frame, room: room)
        }
        memory.forEachRow { row, lines in
            self.memory.forwardLines(row: row, to: lines)
            kernel.multiply(row: row, lines)
            self.memory.backwardLines(lines, row: row)
            return 0
        }
        memory.forEachFrame { frame, room in self.memory.backwardImage(frame, room: room) }
        let moduli = memory.imageModuli()
        let limit = threshold * (moduli.max() ?? 0)
        let support = memory.support.values
        for voxel in moduli.indices { support[voxel] = moduli[voxel] > limit ? 1 : 0 }
    }

    // MARK: Results

    /// The object as it is, outside of the support too.
    public var object: Volume<ComplexFloat> { Volume(shape: shape, storage: Array(memory.object.values)) }

    /// One for each voxel.
    public var support: [Bool] { memory.support.values.map { $0 != 0 } }

    /// The counts that are expected of the object, the Bragg peak in the middle: its intensities, where the pattern is coherent.
    public func intensities() -> Volume<Float> {
        var intensities = Volume<Float>(shape: shape, repeating: 0)
        memory.forEachFrame { frame, room in self.memory.forwardImage(frame, room: room) }
        let expected = takeExpectedCounts()
        intensities.storage.withUnsafeMutableBufferPointer { target in
            _ = memory.forEachRow { row, lines in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: self.amplitudes.lineStride) { values in
                    if let expected {
                        expected.write(row: row, to: values)
                    } else {
                        self.memory.forwardLines(row: row, to: lines)
                        for line in 0..<self.shape.frames * self.shape.columns {
                            values[line] = lines[line].squaredModulus
                        }
                    }
                    CentredOrder(self.shape).forEachVoxel(ofSpectrumRow: row) { line, voxel in
                        target[voxel] = values[line]
                    }
                }
                return 0
            }
        }
        return intensities
    }
}

/// A support that follows the object: where the modulus, blurred by ever less, is above a share of its maximum.
///
/// The first one is where the autocorrelation of the object, the transform of its intensities, is above a share of its
/// own. Source: Marchesini et al. 2003, Physical Review B 68, 140101.
public struct ShrinkWrap: Hashable, Sendable {
    /// Iterations between two new supports.
    public var period = 20
    /// Share of the greatest blurred modulus.
    public var threshold: Float = 0.2
    /// Standard deviations of the blur in voxels: the last and the first.
    public var widths = 1.0...3.0
    /// Share of the greatest value of the autocorrelation from which the first support is taken.
    public var autocorrelationThreshold: Float = 0.04

    public init() {}

    /// The blur after some of all iterations: it shrinks geometrically.
    func width(progress: Double) -> Double {
        widths.upperBound * pow(widths.lowerBound / widths.upperBound, min(1, progress))
    }
}
