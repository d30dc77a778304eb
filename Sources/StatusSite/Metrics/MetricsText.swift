internal import Foundation

/// Metrics in the text format of Prometheus, version 0.0.4.
package struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    static let type = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""

    /// One metric without labels; nothing where there is no value.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
        guard let value else { return }
        begin(name, kind, help)
        line(name, [], value)
    }

    /// One metric with a value for each label.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String, by label: String, _ values: [(label: String, value: Double)]
    ) {
        begin(name, kind, help)
        for (value, number) in values { line(name, [(label, value)], number) }
    }

    mutating func add(_ name: String, _ help: String, _ histogram: Histogram) {
        begin(name, .histogram, help)
        var below = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            below += count
            line("\(name)_bucket", [("le", Self.number(bound))], Double(below))
        }
        line("\(name)_bucket", [("le", "+Inf")], Double(histogram.count))
        line("\(name)_sum", [], histogram.sum)
        line("\(name)_count", [], Double(histogram.count))
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(pairs.isEmpty ? "" : "{\(pairs)}") \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
