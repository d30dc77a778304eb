internal import Foundation

/// Walks from name to name through soft and external links and says which file is missing where one is.
///
/// HDF5 follows links by itself, but then tells no more than that it failed, and for a virtual dataset not even that.
final class LinkWalker {
    private var files: [String: HDF5File] = [:]
    private static let mostOpen = 128

    /// Opens a file, or takes it from those that are open.
    func file(_ path: String) throws(ScanFileError) -> HDF5File {
        if let file = files[path] { return file }
        let file = try HDF5File(readingFrom: path)
        // What is still in use stays open; a scan of thousands of files would use up what a process may open.
        if files.count >= Self.mostOpen { files = [:] }
        files[path] = file
        return file
    }

    /// Opens the file that a link or a virtual dataset names.
    ///
    /// - Parameters:
    ///   - name: The file name as stored: absolute, or relative to the directory of `holder`; "." is `holder` itself.
    ///   - reference: What names the file, e.g. "/entry/data/data_000001".
    func file(named name: String, in holder: HDF5File, by reference: String) throws(ScanFileError) -> HDF5File {
        if name == "." { return holder }
        let path = Self.locate(name, from: holder.path)
        do throws(ScanFileError) { return try file(path) } catch {
            var error = error
            error.problem += "; \(reference) of \(holder.path) takes its values from there"
            throw error
        }
    }

    /// HDF5's search: an absolute name as it is, otherwise or failing that in the directory of the file that names it.
    private static func locate(_ name: String, from holder: String) -> String {
        let isAbsolute = name.hasPrefix("/")
        let inDirectory = isAbsolute ? URL(filePath: name).lastPathComponent : name
        let real = URL(filePath: holder).resolvingSymlinksInPath()
        let candidates =
            (isAbsolute ? [name] : [])
            + [URL(filePath: holder), real].map {
                $0.deletingLastPathComponent().appending(path: inDirectory).standardizedFileURL.path(
                    percentEncoded: false)
            }
        return candidates.first { access($0, F_OK) == 0 } ?? candidates[0]
    }

    /// Opens what a path leads to, link by link.
    ///
    /// - Parameters:
    ///   - path: Relative to `group`, or absolute within the file of `group`.
    /// - Returns: `nil` when a name on the way does not exist or a soft link leads nowhere.
    /// - Throws: ``ScanFileError`` that names the file which an external link needs and which cannot be opened.
    func open(_ path: String, from group: HDF5Group) throws(ScanFileError) -> HDF5Node? {
        var linksLeft = 64
        return try open(path, from: group, linksLeft: &linksLeft)
    }

    /// - Parameter linksLeft: How many links may still be followed, all told: nested paths could double them each time.
    private func open(
        _ path: String, from group: HDF5Group, linksLeft: inout Int
    ) throws(ScanFileError) -> HDF5Node? {
        guard linksLeft > 0 else {
            throw ScanFileError(path: group.file.path, dataset: path, problem: "the links lead in a circle")
        }
        linksLeft -= 1
        var node = HDF5Node.group(path.hasPrefix("/") ? try root(of: group.file) : group)
        for name in path.split(separator: "/").map(String.init) where name != "." {
            guard let parent = node.group, let link = try parent.naming(parent.link(name)) else { return nil }
            switch link {
            case .hard:
                node = try parent.naming(parent.open(name))
            case .soft(let target):
                guard let next = try open(target, from: parent, linksLeft: &linksLeft) else { return nil }
                node = next
            case .external(let fileName, let target):
                let reference = parent.path(of: name)
                let file = try file(named: fileName, in: parent.file, by: reference)
                let path = target.hasPrefix("/") ? target : "/" + target
                guard let next = try open(path, from: root(of: file), linksLeft: &linksLeft) else {
                    throw ScanFileError(
                        path: file.path, dataset: target,
                        problem: "there is no such object; \(reference) of \(parent.file.path) links to it")
                }
                node = next
            }
        }
        return node
    }

    /// The root group of a file.
    func root(of file: HDF5File) throws(ScanFileError) -> HDF5Group {
        do throws(HDF5Failure) { return try file.root } catch {
            throw ScanFileError(path: file.path, problem: error.explanation)
        }
    }
}

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
