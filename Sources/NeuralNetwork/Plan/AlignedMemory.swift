/// Bytes of its own, aligned for vectors and zero at first.
final class AlignedMemory {
    let address: UnsafeMutableRawPointer

    init(bytes: Int) {
        address = .allocate(byteCount: max(bytes, 1), alignment: MemoryPlan.alignment)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }

    deinit { address.deallocate() }
}

/// Float32 numbers of its own, where the caller of a network reads and writes.
struct FloatMemory {
    private let memory: AlignedMemory
    let floats: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        memory = AlignedMemory(bytes: count * MemoryLayout<Float>.stride)
        floats = UnsafeMutableBufferPointer(
            start: memory.address.bindMemory(to: Float.self, capacity: count), count: count)
    }
}
