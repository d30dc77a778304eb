import Foundation
import Testing
import Volume

@testable import Fourier

@Suite struct StepwiseFourierTransformTests {
    @Test(arguments: [
        VolumeShape(frames: 5, rows: 3, columns: 4), VolumeShape(frames: 8, rows: 6, columns: 10),
        VolumeShape(frames: 1, rows: 7, columns: 2),
    ])
    func theStepsMakeTheWholeTransformAndUndoIt(shape: VolumeShape) {
        let stepwise = StepwiseFourierTransform(shape: shape)
        func room(_ count: Int) -> UnsafeMutableBufferPointer<ComplexFloat> {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * count, alignment: 64)
            let values = bytes.bindMemory(to: ComplexFloat.self)
            values.initialize(repeating: ComplexFloat(0))
            return values
        }
        let (volume, lines, image) = (
            room(stepwise.volumeCount), room(stepwise.lineCount), room(shape.frame.count)
        )
        defer { [volume, lines, image].forEach { UnsafeMutableRawBufferPointer($0).deallocate() } }
        func slice(_ frame: Int) -> UnsafeMutableBufferPointer<ComplexFloat> {
            let start = frame * stepwise.imagePitch
            return UnsafeMutableBufferPointer(rebasing: volume[start..<start + shape.frame.count])
        }

        let values = (0..<shape.count).map { ComplexFloat(sin(Float(3 * $0)), cos(Float(5 * $0 * $0))) }
        var expected = values
        FourierTransform3D(shape: shape).forward(&expected)
        for frame in 0..<shape.frames {
            for pixel in 0..<shape.frame.count { slice(frame)[pixel] = values[frame * shape.frame.count + pixel] }
            stepwise.forwardImage(slice(frame), to: slice(frame), room: image)
        }
        for row in 0..<shape.rows {
            stepwise.forwardLines(row: row, of: volume, to: lines)
            for column in 0..<shape.columns {
                for frame in 0..<shape.frames {
                    let found = lines[column * shape.frames + frame]
                    let whole = expected[(frame * shape.rows + row) * shape.columns + column]
                    #expect(abs(found.real - whole.real) < 1e-4 && abs(found.imaginary - whole.imaginary) < 1e-4)
                }
            }
            stepwise.backwardLines(lines, to: volume, row: row)
        }
        for frame in 0..<shape.frames {
            stepwise.backwardImage(slice(frame), room: image)
            for pixel in 0..<shape.frame.count {
                let (found, given) = (slice(frame)[pixel], values[frame * shape.frame.count + pixel])
                let scale = 1 / Float(shape.count)
                #expect(abs(found.real * scale - given.real) < 1e-5)
                #expect(abs(found.imaginary * scale - given.imaginary) < 1e-5)
            }
        }
    }
}
