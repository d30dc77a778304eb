import ArgumentParser

/// Several values of an option in one argument, e.g. `linear,kriging`.
struct CommaSeparated<Value: ExpressibleByArgument & Sendable>: ExpressibleByArgument, Sendable {
    var values: [Value]

    init(_ values: [Value]) {
        self.values = values
    }

    /// `nil` where one of the values cannot be understood.
    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        values = words.compactMap(Value.init(argument:))
        if values.count != words.count { return nil }
    }

    var defaultValueDescription: String { values.map(\.defaultValueDescription).joined(separator: ",") }
}

extension CommaSeparated where Value: Hashable {
    /// True where no value occurs twice.
    var areDistinct: Bool { Set(values).count == values.count }
}
