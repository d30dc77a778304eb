internal import Foundation

/// The frames of a Dectris series, which lie in files `…_000001.h5`, `…_000002.h5`, … that a master links as
/// `data_000001`, `data_000002`, …
///
/// A master may lack links, to all but the first file or to some between, and files may still be to come. What is on disk
/// beside the linked files is taken as well where its image numbers go on; nothing is ever joined across a hole.
struct DectrisSeries {
    /// In order, without a hole.
    private(set) var datasets: [HDF5Dataset] = []
    /// Why the series ends before its last link: the file of that one is not there.
    private(set) var lack: ScanFileError?
    /// The frames that all links promise together, judged by the first file.
    private(set) var framesLinked = 0
    /// What was found beside the links.
    private(set) var remarks: [String] = []
    /// How many of the datasets no link leads to, at the end.
    private var unlinkedAtEnd = 0

    /// A name for each member of a series.
    static func isMember(_ name: String) -> Bool { name.wholeMatch(of: /data_\d{6}/) != nil }

    /// - Parameters:
    ///   - names: the members of `group` that are links of the series.
    /// - Throws: ``ScanFileError`` when none of the files is there, one cannot be read, or one between is missing.
    init(_ names: [String], of group: LinkedGroup) throws(ScanFileError) {
        let numbers = names.compactMap { Int($0.dropFirst("data_".count)) }
        guard let first = numbers.min(), let last = numbers.max() else { return }
        var firstLack: ScanFileError?
        // Even the first file may lack its link.
        var number = first
        while number > 1, try Self.unlinked(number - 1, of: group, like: first) != nil { number -= 1 }
        let start = number
        while number <= last {
            let name = Self.name(number)
            number += 1
            let found: HDF5Dataset?
            do throws(ScanFileError) {
                found = try Self.dataset(number - 1, of: group, like: first)
            } catch {
                // A file that is there and cannot be read is no end of the series.
                guard access(error.path, F_OK) != 0 else { throw error }
                firstLack = firstLack ?? error
                continue
            }
            guard let found else {
                let place = "\(group.path)/\(name)"
                firstLack =
                    firstLack
                    ?? ScanFileError(path: group.file.path, dataset: place, problem: "is not there, nor is its file")
                continue
            }
            if let firstLack { throw Self.hole(firstLack, before: found) }
            try append(found)
            if !names.contains(name) { remarks.append("\(group.path) lacks a link to \(found.file.path)") }
        }
        if datasets.isEmpty, let firstLack { throw firstLack }
        if start > 1, let dataset = datasets.first, let low = dataset.integer("image_nr_low"), low > 1 {
            throw ScanFileError(
                path: dataset.file.path, dataset: dataset.path,
                problem: "begins with image \(low), and no file with those before it is there")
        }
        lack = firstLack
        framesLinked = (datasets.first?.images ?? 0) * (last - start + 1)
        if lack == nil { try goOn(from: number, of: group, like: first) }
    }

    /// Takes files that no link leads to, as long as their images follow.
    private mutating func goOn(from number: Int, of group: LinkedGroup, like first: Int) throws(ScanFileError) {
        var number = number
        while let dataset = try Self.unlinked(number, of: group, like: first), dataset.integer("image_nr_low") != nil {
            try append(dataset)
            unlinkedAtEnd += 1
            remarks.append("\(group.path) lacks a link to \(dataset.file.path)")
            number += 1
        }
    }

    /// The series without the files that no link leads to and that begin after its last frame: those of an earlier, longer
    /// series of the same name.
    func ending(after frames: Int) -> DectrisSeries {
        var series = self
        var others: [String] = []
        while series.unlinkedAtEnd > 0, let last = series.datasets.last {
            let rest = series.datasets.dropLast().reduce(0) { $0 + $1.images }
            guard rest >= frames else { break }
            series.datasets.removeLast()
            series.unlinkedAtEnd -= 1
            // That it lacks a link.
            series.remarks.removeLast()
            others.append("\(last.file.path) is no part of the \(frames) frames that were asked for: left out")
        }
        series.remarks += others
        return series
    }

    private mutating func append(_ dataset: HDF5Dataset) throws(ScanFileError) {
        if let low = dataset.integer("image_nr_low"), let start = datasets.first?.integer("image_nr_low") {
            let expected = datasets.reduce(start) { $0 + $1.images }
            guard low == expected else {
                throw ScanFileError(
                    path: dataset.file.path, dataset: dataset.path,
                    problem: "begins with image \(low), expected image \(expected): the series has a hole")
            }
        }
        datasets.append(dataset)
    }

    private static func name(_ number: Int) -> String {
        let digits = "\(number)"
        return "data_" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    private static func hole(_ hole: ScanFileError, before dataset: HDF5Dataset) -> ScanFileError {
        var error = hole
        error.problem += "; \(dataset.file.path) after it is there, so the series has a hole"
        return error
    }

    /// The dataset of a number by its link, or in the file that would have its name.
    private static func dataset(
        _ number: Int, of group: LinkedGroup, like first: Int
    ) throws(ScanFileError) -> HDF5Dataset? {
        if group.link(name(number)) != nil { return try group.node(name(number))?.dataset }
        return try unlinked(number, of: group, like: first)
    }

    private static func unlinked(
        _ number: Int, of group: LinkedGroup, like first: Int
    ) throws(ScanFileError) -> HDF5Dataset? {
        guard case .external(let file, let path) = group.link(name(first)) else { return nil }
        let digits = name(first).dropFirst("data_".count)
        guard let place = file.range(of: digits, options: .backwards) else { return nil }
        let other = file.replacingCharacters(in: place, with: name(number).dropFirst("data_".count))
        let directory = URL(filePath: group.file.path).deletingLastPathComponent()
        let location = other.hasPrefix("/") ? other : directory.appending(path: other).path(percentEncoded: false)
        guard access(location, F_OK) == 0 else { return nil }
        let root = try group.walker.root(of: group.walker.file(location))
        return try group.walker.open(path.hasPrefix("/") ? path : "/" + path, from: root)?.dataset
    }
}

extension HDF5Dataset {
    /// The number of images, each of which may have several thresholds.
    fileprivate var images: Int { shape.count > 2 ? shape[0] : 1 }

    /// An attribute that is a whole number.
    fileprivate func integer(_ name: String) -> Int? { try? integerAttribute(name) }
}
