import Foundation
import Volume

@testable import ScanFiles

/// A stack of images with known counts, stored in various ways.
struct StackFile {
    var shape = VolumeShape(frames: 5, rows: 20, columns: 30)
    var type = ElementType.uint16

    /// The values of the whole stack as `Element`.
    func values<Element: FixedWidthInteger>(_: Element.Type = Element.self) -> [Element] {
        (0..<shape.count).map { Element(truncatingIfNeeded: ($0 % 251) &* 7 % 127) }
    }

    var counts: [Float] { values(Int32.self).map { Float($0) } }

    /// Writes the stack as a dataset whose chunks are as given.
    @discardableResult
    func write(
        _ name: String, in group: HDF5Group, chunk: [Int]? = nil, filters: [HDF5Filter] = [],
        type: ElementType = .uint16
    ) throws -> HDF5Dataset {
        let data = try group.createDataset(
            name, shape: shape.extents, type: type, storage: HDF5Storage(chunk: chunk, filters: filters))
        try values(UInt16.self).withUnsafeBytes {
            try data.write(start: [0, 0, 0], extents: shape.extents, as: .uint16, from: $0)
        }
        return data
    }
}

extension HDF5Group {
    /// Creates a group of a NeXus class.
    func createGroup(_ name: String, nexusClass: String) throws -> HDF5Group {
        let group = try createGroup(name)
        try group.setAttribute("NX_class", to: nexusClass)
        return group
    }

    /// A NeXus entry with an instrument and a detector.
    func createDetector() throws -> (entry: HDF5Group, detector: HDF5Group) {
        let entry = try createGroup("entry", nexusClass: "NXentry")
        let instrument = try entry.createGroup("instrument", nexusClass: "NXinstrument")
        return (entry, try instrument.createGroup("detector", nexusClass: "NXdetector"))
    }
}
