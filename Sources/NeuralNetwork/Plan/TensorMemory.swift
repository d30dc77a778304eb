/// The memory of all tensors of a planned network and of their gradients.
struct TensorMemory {
    let steps: [PlanStep]
    let arena: AlignedMemory
    /// The value of each tensor of the graph, by index; those joined into a step have no memory of their own.
    private(set) var values: [TensorBuffer] = []
    /// The gradient of each tensor that training needs one of.
    private(set) var gradients: [TensorBuffer?] = []
    private var scratch: [TensorBuffer?] = []
    /// For each step and each of its inputs, whether another reader has contributed to the gradient before.
    private let accumulates: [[Bool]]

    /// Time runs over the steps forward, 0 ..< n, and backward, n ..< 2n.
    init(_ graph: NetworkGraph, steps: [PlanStep], shapes: [TensorShape], precision: Precision, training: Bool) {
        self.steps = steps
        let needsGradient = Self.downstreamOfParameters(steps, count: shapes.count, training: training)
        accumulates = Self.accumulations(graph, steps)
        let end = training ? 2 * steps.count : steps.count
        func backwardTime(_ step: Int) -> Int { 2 * steps.count - 1 - step }

        var plan = MemoryPlan()
        func bytes(_ tensor: Int) -> Int { shapes[tensor].count * precision.size }
        var valueSlots = [Int?](repeating: nil, count: shapes.count)
        var gradientSlots = [Int?](repeating: nil, count: shapes.count)
        var scratchSlots = [Int?](repeating: nil, count: steps.count)
        for input in graph.inputs { valueSlots[input.index] = plan.add(bytes: bytes(input.index), from: 0, through: 0) }
        for (time, step) in steps.enumerated() {
            for input in step.inputs { valueSlots[input].map { plan.extend($0, through: time) } }
            let slot = plan.add(bytes: bytes(step.output), from: time, through: time)
            valueSlots[step.output] = slot
            guard needsGradient[step.output] else { continue }
            for input in step.inputsForBackward {
                valueSlots[input].map { plan.extend($0, through: backwardTime(time)) }
            }
            if step.needsOutputForBackward { plan.extend(slot, through: backwardTime(time)) }
        }
        for output in graph.outputs { valueSlots[output.index].map { plan.extend($0, through: end) } }

        for output in graph.outputs where needsGradient[output.index] && gradientSlots[output.index] == nil {
            gradientSlots[output.index] = plan.add(
                bytes: bytes(output.index), from: steps.count, through: steps.count)
        }
        for (index, step) in steps.enumerated().reversed() where needsGradient[step.output] {
            let time = backwardTime(index)
            gradientSlots[step.output].map { plan.extend($0, through: time) }
            for input in step.inputs where needsGradient[input] && gradientSlots[input] == nil {
                gradientSlots[input] = plan.add(bytes: bytes(input), from: time, through: time)
            }
            if case .convolution = step.operation, needsGradient[step.inputs[0]], accumulates[index][0] {
                scratchSlots[index] = plan.add(bytes: bytes(step.inputs[0]), from: time, through: time)
            }
        }

        let layout = plan.layout()
        let arena = AlignedMemory(bytes: layout.size)
        self.arena = arena
        func buffer(_ slot: Int, _ tensor: Int) -> TensorBuffer {
            TensorBuffer(address: arena.address + layout.offsets[slot], shape: shapes[tensor], precision: precision)
        }
        values = shapes.indices.map { buffer(valueSlots[$0] ?? 0, $0) }
        gradients = shapes.indices.map { tensor in gradientSlots[tensor].map { buffer($0, tensor) } }
        scratch = steps.indices.map { index in scratchSlots[index].map { buffer($0, steps[index].inputs[0]) } }
    }

    /// What one step reads and writes.
    func memory(ofStep index: Int, parameterGradients: UnsafeMutablePointer<Float>?) -> LayerMemory {
        let step = steps[index]
        let contributions = zip(step.inputs, accumulates[index]).map { input, accumulates in
            gradients[input].map { GradientBuffer(tensor: $0, accumulates: accumulates) }
        }
        return LayerMemory(
            inputs: step.inputs.map { values[$0] }, output: values[step.output], inputGradients: contributions,
            outputGradient: gradients[step.output], scratch: scratch[index], parameterGradients: parameterGradients)
    }

    /// Which tensors depend on parameters, so that training needs their gradients.
    private static func downstreamOfParameters(_ steps: [PlanStep], count: Int, training: Bool) -> [Bool] {
        var depends = [Bool](repeating: false, count: count)
        for step in steps where training {
            if case .convolution = step.operation {
                depends[step.output] = true
            } else {
                depends[step.output] = step.inputs.contains { depends[$0] }
            }
        }
        return depends
    }

    /// Whether each input's gradient has a contribution already when a step is passed backward.
    private static func accumulations(_ graph: NetworkGraph, _ steps: [PlanStep]) -> [[Bool]] {
        var touched = Set(graph.outputs.map(\.index))
        var accumulates: [[Bool]] = []
        for step in steps.reversed() { accumulates.append(step.inputs.map { !touched.insert($0).inserted }) }
        return accumulates.reversed()
    }
}

/// Lays out buffers that live for a time in one stretch of memory, where those that never live together may overlap.
struct MemoryPlan {
    /// A buffer in use from step `first` to step `last`, both included.
    private struct Request {
        var size: Int
        var first: Int
        var last: Int
    }

    private var requests: [Request] = []

    /// Bytes to which each buffer is aligned: a cache line, and the widest vector.
    static let alignment = 64

    /// Asks for a buffer; the answer is its index.
    mutating func add(bytes: Int, from first: Int, through last: Int) -> Int {
        let size = (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
        requests.append(Request(size: size, first: first, last: last))
        return requests.count - 1
    }

    /// Keeps a buffer at least until the given step.
    mutating func extend(_ index: Int, through last: Int) {
        requests[index].last = max(requests[index].last, last)
    }

    /// The position of each buffer and the bytes needed in all: the largest first, each as low as it fits.
    func layout() -> (offsets: [Int], size: Int) {
        var offsets = [Int](repeating: 0, count: requests.count)
        var placed: [Int] = []
        var total = 0
        let order = requests.indices.sorted { (requests[$1].size, $0) < (requests[$0].size, $1) }
        for index in order {
            let request = requests[index]
            let neighbours = placed.filter {
                requests[$0].first <= request.last && request.first <= requests[$0].last
            }
            var offset = 0
            for other in neighbours.sorted(by: { offsets[$0] < offsets[$1] }) {
                if offset + request.size <= offsets[other] { break }
                offset = max(offset, offsets[other] + requests[other].size)
            }
            offsets[index] = offset
            total = max(total, offset + request.size)
            placed.append(index)
        }
        return (offsets, total)
    }
}

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
