/// A group whose members are looked up through all kinds of links.
///
/// Lookups of metadata give `nil` for whatever cannot be read: no scan fails for want of a comment.
struct LinkedGroup {
    let group: HDF5Group
    let walker: LinkWalker

    /// Numbers above which a dataset of metadata comes from a damaged file.
    private static let mostNumbers = 1 << 24

    var file: HDF5File { group.file }
    /// The path within ``file``.
    var path: String { group.path }

    /// What a path leads to; see ``LinkWalker/open(_:from:)``.
    func node(_ path: String) throws(ScanFileError) -> HDF5Node? { try walker.open(path, from: group) }

    /// The names of the members, in alphabetical order.
    func names() throws(ScanFileError) -> [String] { try group.naming(group.names()) }

    func link(_ name: String) -> HDF5Link? { try? group.link(name) }

    func child(_ path: String) -> LinkedGroup? {
        (try? node(path))?.group.map { LinkedGroup(group: $0, walker: walker) }
    }

    func dataset(_ path: String) -> HDF5Dataset? { (try? node(path))?.dataset }

    /// The NeXus class of this group, e.g. `NXdetector`.
    var nexusClass: String? { try? group.textAttribute("NX_class") }

    /// The first text of a dataset.
    func text(_ path: String) -> String? {
        guard let dataset = dataset(path), let text = try? dataset.readText() else { return nil }
        return text.isEmpty ? nil : text
    }

    /// All numbers of a dataset, of any number type.
    func numbers(_ path: String) -> [Double]? {
        guard let dataset = dataset(path), dataset.elementType != nil, dataset.layout != .virtual,
            dataset.count <= Self.mostNumbers
        else { return nil }
        return try? dataset.read(as: Double.self)
    }

    /// The first number of a dataset.
    func number(_ path: String) -> Double? {
        guard let dataset = dataset(path), dataset.count <= 1024 else { return nil }
        return numbers(path)?.first
    }

    /// The number of a dataset as an integer.
    func integer(_ path: String) -> Int? { number(path).flatMap { Int(exactly: $0.rounded()) } }

    /// The `units` attribute of a dataset.
    func units(_ path: String) -> String? { dataset(path).flatMap { try? $0.textAttribute("units") } }
}
