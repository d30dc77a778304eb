import Diffraction
import Fourier
import Testing
import Volume

@Suite struct FourierLinesTests {
    /// Memory that starts at a cache line, as long as the body runs.
    private func withMemory<Element: BitwiseCopyable>(
        _ values: [Element], _ body: (UnsafeMutableBufferPointer<Element>) -> Void
    ) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: values.count * MemoryLayout<Element>.stride, alignment: 64)
        defer { bytes.deallocate() }
        let memory = bytes.bindMemory(to: Element.self)
        _ = memory.initialize(from: values)
        body(memory)
    }

    private func randomValues(_ count: Int) -> [ComplexFloat] {
        var generator = SeededGenerator(seed: 2)
        return (0..<count).map { _ in ComplexFloat(Float(generator.normal()), Float(generator.normal())) }
    }

    @Test(arguments: [FourierLines.Layout.sideBySide, .successive]) func aWaveHasOneFrequency(
        layout: FourierLines.Layout
    ) {
        let lines = FourierLines(count: 10, lanes: 4, frequency: layout)
        let waves = (0..<40).map { ComplexFloat(turns: 0.1 * Double($0 / 4 * ($0 % 4))) }
        withMemory(waves) { waves in
            withMemory(randomValues(40)) { spectrum in
                lines.forward(waves, to: spectrum)
                for lane in 0..<4 {
                    for point in 0..<10 {
                        let value = spectrum[layout == .sideBySide ? point * 4 + lane : lane * 10 + point]
                        #expect(abs(value.real - (point == lane ? 10 : 0)) < 1e-5)
                        #expect(abs(value.imaginary) < 1e-5)
                    }
                }
                lines.backward(spectrum, to: waves)
                for index in 0..<40 {
                    #expect(
                        abs(waves[index].real - 10 * ComplexFloat(turns: 0.1 * Double(index / 4 * (index % 4))).real)
                            < 1e-4)
                }
            }
        }
    }

    @Test(arguments: [
        VolumeShape(frames: 6, rows: 4, columns: 8), VolumeShape(frames: 1, rows: 2, columns: 3),
        VolumeShape(frames: 5, rows: 6, columns: 2),
    ]) func theFramewiseTransformEqualsTheComplexOne(shape: VolumeShape) {
        let values = randomValues(shape.count).map(\.real)
        var expected = values.map { ComplexFloat($0) }
        FourierTransform3D(shape: shape).forward(&expected)
        let transform = FramewiseFourierTransform(shape: shape)
        withMemory(values) { field in
            withMemory(randomValues(transform.spectrumShape.count)) { spectrum in
                withMemory(randomValues(shape.frame.count)) { image in
                    transform.forward(field, to: spectrum, image: image)
                    for index in spectrum.indices {
                        #expect(abs(spectrum[index].real - expected[index].real) < 2e-5)
                        #expect(abs(spectrum[index].imaginary - expected[index].imaginary) < 2e-5)
                    }
                    transform.backward(spectrum, to: field, image: image)
                    for index in values.indices {
                        #expect(abs(field[index] / Float(shape.count) - values[index]) < 1e-5)
                    }
                }
            }
        }
    }
}
