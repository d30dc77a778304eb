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
