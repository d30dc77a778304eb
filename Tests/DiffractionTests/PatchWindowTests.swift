import Testing
import Volume

@testable import Diffraction

@Suite struct PatchWindowTests {
    private let room = VolumeShape(frames: 9, rows: 14, columns: 12)

    /// A volume whose voxels hold their own position in the storage.
    private var volume: PatternVolume {
        PatternVolume(
            family: .cube, oversampling: SIMD3(2, 3, 4),
            intensity: Volume(shape: room, storage: (0..<room.count).map(Float.init)), peak: [4, 13, 0],
            mirrorSum: [8, 15, 11])
    }

    /// The indices of a voxel along (frame, row, column).
    private func indices(_ position: Float) -> [Int] {
        let position = Int(position)
        return [position / room.frame.count, position / room.columns % room.rows, position % room.columns]
    }

    @Test(arguments: [VolumeShape(frames: 4, rows: 5, columns: 7), VolumeShape(frames: 9, rows: 12, columns: 12)])
    func patchesAreTurnedPartsOfTheVolume(shape: VolumeShape) {
        var generator = SeededGenerator(seed: 3)
        var orientations: Set<[Int]> = []
        for trial in 0..<200 {
            let window = PatchWindow(
                shape: shape, of: volume, nearPeak: trial.isMultiple(of: 2), using: &generator)
            var patch = [Float](repeating: 0, count: shape.count)
            window.add(volume, scale: 1, to: &patch)
            let first = indices(patch[0])
            let strides = [shape.frame.count, shape.columns, 1]
            // The step in the volume of one voxel along each axis of the patch.
            let steps = strides.map { stride in zip(indices(patch[stride]), first).map { $0 - $1 } }
            for (position, value) in patch.enumerated() {
                let offsets = [
                    position / shape.frame.count, position / shape.columns % shape.rows, position % shape.columns,
                ]
                let expected = (0..<3).map { axis in
                    first[axis] + (0..<3).reduce(0) { $0 + offsets[$1] * steps[$1][axis] }
                }
                #expect(indices(value) == expected)
            }
            #expect(steps.allSatisfy { $0.map(abs).sorted() == [0, 0, 1] })
            #expect(abs(steps[0][0]) == 1)
            let isTransposed = steps[1][2] != 0
            #expect(window.oversampling(of: volume) == (isTransposed ? SIMD3(2, 4, 3) : SIMD3(2, 3, 4)))
            orientations.insert(steps.flatMap(\.self))
        }
        #expect(orientations.count == 16)
    }

    @Test func theUpperQuartileIsExceededByAQuarter() {
        let shape = VolumeShape(frames: 8, rows: 12, columns: 12)
        var generator = SeededGenerator(seed: 4)
        let window = PatchWindow(shape: shape, of: volume, nearPeak: true, using: &generator)
        var patch = [Float](repeating: 0, count: shape.count)
        window.add(volume, scale: 1, to: &patch)
        let quartile = window.upperQuartile(of: volume)
        let share = Double(patch.count { $0 > quartile }) / Double(patch.count)
        #expect(abs(share - 0.25) < 0.15)
    }

    @Test func mirrorImagesLieOppositeOfThePeak() {
        let shape = VolumeShape(frames: 4, rows: 5, columns: 7)
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<50 {
            let window = PatchWindow(shape: shape, of: volume, nearPeak: true, using: &generator)
            var patch = [Float](repeating: 0, count: shape.count)
            window.add(volume, scale: 1, to: &patch)
            for (voxel, mirrored) in zip(patch, window.mirrored(volume, scale: 1)) {
                let expected = zip(volume.mirrorSum, indices(voxel)).map { $0 - $1 }
                let isInside = zip(expected, room.extents).allSatisfy { (0..<$1).contains($0) }
                #expect(mirrored.isNaN == !isInside)
                if isInside { #expect(indices(mirrored) == expected) }
            }
        }
    }
}
