/// Looks through a whole file for stacks of images.
struct StackSearch {
    private(set) var choice: StackChoice
    private var visited: Set<String> = []

    init(choice: StackChoice) { self.choice = choice }

    /// Everything that may be the detector's stack in a group and all groups below it.
    static func search(_ group: LinkedGroup, _ request: ScanRequest) throws(ScanFileError) -> StackChoice {
        var search = StackSearch(choice: request.choice)
        try search.visit(group, name: "", depth: 0)
        return search.choice
    }

    /// - Parameter name: The path of `group` as seen in the input.
    private mutating func visit(_ group: LinkedGroup, name: String, depth: Int) throws(ScanFileError) {
        guard depth < 12, visited.insert(group.group.identity).inserted else { return }
        let names = try group.names()
        let series = names.filter { $0.wholeMatch(of: /data_\d{6}/) != nil }
        for member in names where !series.contains(member) {
            do throws(ScanFileError) {
                switch try group.node(member) {
                case .dataset(let dataset):
                    choice.consider(dataset, name: "\(name)/\(member)", detector: group)
                case .group(let child):
                    try visit(
                        LinkedGroup(group: child, walker: group.walker), name: "\(name)/\(member)", depth: depth + 1)
                case nil: break
                }
            } catch { choice.note(broken: error) }
        }
        // Beside the files of a series there may be a virtual dataset that unites them.
        if !series.isEmpty, !names.contains("data") { visit(series: series, of: group, name: name) }
    }

    private mutating func visit(series: [String], of group: LinkedGroup, name: String) {
        do throws(ScanFileError) {
            let datasets = try group.series(series)
            let name = series.count == 1 ? "\(name)/\(series[0])" : name
            choice.consider(series: datasets, name: name, detector: group)
        } catch { choice.note(broken: error) }
    }
}

extension LinkedGroup {
    /// The datasets `data_000001`, `data_000002`, … among the members of an NXdata group that Dectris wrote.
    func series(_ names: [String]) throws(ScanFileError) -> [HDF5Dataset] {
        var datasets: [HDF5Dataset] = []
        for name in names.sorted() {
            if let dataset = try node(name)?.dataset { datasets.append(dataset) }
        }
        return datasets
    }
}
