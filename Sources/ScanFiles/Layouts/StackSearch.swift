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
        let series = names.filter(DectrisSeries.isMember)
        let isUnited = !series.isEmpty && unitesSeries(series, group)
        for member in names where !series.contains(member) && (series.isEmpty || isUnited || member != "data") {
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
        if !series.isEmpty, !isUnited { visit(series: series, of: group, name: name) }
    }

    /// Whether the dataset `data` beside the files of a series holds all of their frames.
    private func unitesSeries(_ names: [String], _ group: LinkedGroup) -> Bool {
        guard let united = group.dataset("data"), united.shape.count > 2 else { return false }
        guard let series = try? DectrisSeries(names, of: group) else { return true }
        return united.shape[0] >= series.datasets.reduce(0) { $0 + $1.shape[0] }
    }

    private mutating func visit(series: [String], of group: LinkedGroup, name: String) {
        do throws(ScanFileError) {
            let files = try DectrisSeries(series, of: group)
            let name = files.datasets.count == 1 ? "\(name)/\(series[0])" : name
            choice.consider(series: files, name: name, detector: group)
        } catch { choice.note(broken: error) }
    }
}
