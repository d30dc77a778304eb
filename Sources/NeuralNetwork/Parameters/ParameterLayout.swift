/// Where each named parameter lies in one flat list of numbers.
struct ParameterLayout: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var name: String
        var shape: [Int]
        var range: Range<Int>
    }

    private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    /// Number of parameters of all entries.
    var count: Int { entries.last?.range.upperBound ?? 0 }

    /// - Precondition: no entry has this name yet.
    mutating func append(_ name: String, _ shape: [Int]) {
        precondition(positions[name] == nil, "two parameters are called '\(name)'")
        positions[name] = entries.count
        entries.append(Entry(name: name, shape: shape, range: count..<count + shape.reduce(1, *)))
    }

    subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }
}
