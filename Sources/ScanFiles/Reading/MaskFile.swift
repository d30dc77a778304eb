internal import Foundation
public import Volume

extension RecordedMask {
    /// Opens a mask that a user names: `FILE` or `FILE::PATH`, of the type `.npy`, `.npz`, HDF5 or PNG; not zero = unusable.
    ///
    /// Without a path the array or dataset `mask` is taken, or else the only one.
    /// - Parameter shape: The stack that it is meant for; it must hold for one frame or for each.
    /// - Throws: ``ScanFileError`` when there is no such mask or it does not fit.
    public static func open(_ specification: String, for shape: VolumeShape?) throws(ScanFileError) -> RecordedMask {
        let (path, name) = split(specification)
        if let archive = try NumpyArchive(path) {
            return try RecordedMask(.nonZero, part(of: archive, named: name), for: shape)
        }
        if name == nil, MaskFileFormat(path: path) == .png {
            let mask = try MaskFileFormat.readPicture(path)
            let bits = mask.storage.map { $0 ? 1 : 0 as UInt32 }
            return try RecordedMask(.nonZero, bits: bits, frame: mask.shape, location: path, for: shape)
        }
        let walker = LinkWalker()
        let root = LinkedGroup(group: try walker.root(of: walker.file(path)), walker: walker)
        let places = name.map { [$0] } ?? ["mask", "entry/mask", "entry/data/data_mask", "data", "entry/data/data"]
        for place in places {
            if let part = try root.mask(place) { return try RecordedMask(.nonZero, part, for: shape) }
        }
        throw ScanFileError(
            path: path, dataset: name,
            problem: name == nil ? "holds no dataset /mask; name one as \(path)::PATH" : "there is no such dataset")
    }

    private static func split(_ specification: String) -> (path: String, name: String?) {
        guard let separator = specification.range(of: "::", options: .backwards) else { return (specification, nil) }
        return (String(specification[..<separator.lowerBound]), String(specification[separator.upperBound...]))
    }

    private static func part(of archive: NumpyArchive, named name: String?) throws(ScanFileError) -> FrameStack {
        let wanted = name ?? (archive.isZip ? "mask" : "")
        if let location = try archive.array(wanted) {
            return try archive.stack(location, name: wanted, allowsImage: true)
        }
        guard name == nil, archive.arrays.count == 1, let only = archive.arrays.first else {
            throw archive.error("holds no array of that name", array: wanted)
        }
        return try archive.stack(only.location, name: only.name, allowsImage: true)
    }
}
