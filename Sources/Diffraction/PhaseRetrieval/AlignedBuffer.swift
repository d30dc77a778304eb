/// Memory that starts at a multiple of 64 bytes, as transforms and vector units like it, freed with its owner.
final class AlignedBuffer<Element: BitwiseCopyable> {
    let values: UnsafeMutableBufferPointer<Element>

    init(count: Int, repeating value: Element) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
        values = bytes.bindMemory(to: Element.self)
        values.initialize(repeating: value)
    }

    deinit { UnsafeMutableRawBufferPointer(values).deallocate() }
}
