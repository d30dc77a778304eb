internal import CHDF5
internal import Foundation

/// What a group and a dataset have in common: a place in a file, and attributes.
package protocol HDF5Object {
    var file: HDF5File { get }
    var handle: HDF5Handle { get }
    var path: String { get }
}

extension HDF5Group: HDF5Object {}
extension HDF5Dataset: HDF5Object {}

extension HDF5Object {
    /// The first text of an attribute; `nil` when there is no such attribute or it is not text.
    package func textAttribute(_ name: String) throws(HDF5Failure) -> String? {
        try read(attribute: name) { attribute, type, count throws(HDF5Failure) in
            try HDF5Text.read(type: type, count: count) { H5Aread(attribute, $0, $1) }
        }
    }

    /// The whole number of an attribute; `nil` when there is no such attribute, or it is something else.
    package func integerAttribute(_ name: String) throws(HDF5Failure) -> Int? {
        try read(attribute: name) { attribute, type, count throws(HDF5Failure) in
            guard H5Tget_class(type) == H5T_INTEGER, count == 1 else { return nil }
            var number: Int64 = 0
            guard H5Aread(attribute, ElementType.int64.nativeType, &number) >= 0 else { return nil }
            return Int(number)
        }
    }

    /// The number of an attribute; `nil` when there is no such attribute, or it is something else.
    package func numberAttribute(_ name: String) throws(HDF5Failure) -> Double? {
        try read(attribute: name) { attribute, type, count throws(HDF5Failure) in
            guard [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(type)), count == 1 else { return nil }
            var number = 0.0
            guard H5Aread(attribute, ElementType.float64.nativeType, &number) >= 0 else { return nil }
            return number
        }
    }

    /// Opens an attribute and hands it over with its type and the number of its values; `nil` when there is none.
    private func read<Value>(
        attribute name: String, _ look: (_ attribute: hid_t, _ type: hid_t, _ count: Int) throws(HDF5Failure) -> Value?
    ) throws(HDF5Failure) -> Value? {
        try HDF5Library.perform { () throws(HDF5Failure) in
            guard H5Aexists(handle.id, name) > 0 else { return nil }
            let attribute = try HDF5Handle(
                H5Aopen(handle.id, name, lacuna_h5p_default()), "open \(path)@\(name)", close: H5Aclose)
            let type = try HDF5Handle(H5Aget_type(attribute.id), "open the type of \(path)@\(name)", close: H5Tclose)
            let space = try HDF5Handle(H5Aget_space(attribute.id), "open \(path)@\(name)", close: H5Sclose)
            return try look(attribute.id, type.id, Int(H5Sget_simple_extent_npoints(space.id)))
        }
    }

    /// Sets a text attribute.
    package func setAttribute(_ name: String, to text: String) throws(HDF5Failure) {
        try setTextAttribute(name, to: [text], extents: nil)
    }

    /// Sets an attribute that is a list of texts, as NeXus `axes`.
    package func setAttribute(_ name: String, to texts: [String]) throws(HDF5Failure) {
        try setTextAttribute(name, to: texts, extents: texts.count)
    }

    /// Of variable length, as h5py writes and expects it: from fixed length it makes bytes, which equal no text.
    private func setTextAttribute(_ name: String, to texts: [String], extents: Int?) throws(HDF5Failure) {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        try HDF5Library.perform { () throws(HDF5Failure) in
            let type = try HDF5Text.variableType()
            try writeAttribute(name, type: type.id, extents: extents, pointers)
        }
    }

    /// Sets a number attribute.
    package func setAttribute<Number: HDF5Number>(_ name: String, to number: Number) throws(HDF5Failure) {
        try HDF5Library.perform { () throws(HDF5Failure) in
            try writeAttribute(name, type: Number.elementType.nativeType, extents: nil, [number])
        }
    }

    private func writeAttribute<Element: BitwiseCopyable>(
        _ name: String, type: hid_t, extents: Int?, _ values: [Element]
    ) throws(HDF5Failure) {
        let spaceID = extents.map { H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR)
        let space = try HDF5Handle(spaceID, "describe \(path)@\(name)", close: H5Sclose)
        let id = H5Acreate2(handle.id, name, type, space.id, lacuna_h5p_default(), lacuna_h5p_default())
        let attribute = try HDF5Handle(id, "create \(path)@\(name)", close: H5Aclose)
        guard values.withUnsafeBytes({ H5Awrite(attribute.id, type, $0.baseAddress) }) >= 0 else {
            throw HDF5Failure("write \(path)@\(name)")
        }
    }
}

extension HDF5Object {
    /// Names this object's file and path where an HDF5 call fails.
    func naming<Result>(_ call: @autoclosure () throws(HDF5Failure) -> Result) throws(ScanFileError) -> Result {
        do throws(HDF5Failure) { return try call() } catch {
            throw ScanFileError(path: file.path, dataset: path, problem: error.explanation)
        }
    }

    /// What tells this object from every other one, however many links lead to it.
    var identity: String {
        let address = HDF5Library.perform { () -> haddr_t in
            var info = lacuna_h5o_info()
            return lacuna_h5o_get_info(handle.id, &info) >= 0 ? info.addr : 0
        }
        return "\(URL(filePath: file.path).resolvingSymlinksInPath().path(percentEncoded: false))#\(address)"
    }
}

extension HDF5Failure {
    /// The failure in words; the kinds that a file shows while it is being written say so.
    var explanation: String {
        if let limit = OpenFileLimit.explanation(ofError: systemError) { return "\(action): \(limit)" }
        if needsNewerLibrary {
            return "\(description): the \(HDF5Library.version) here is too old: \(Self.versionAdvice)"
        }
        let transient = ["addr overflow", "eoa", "truncated", "superblock", "already open for write", "object header"]
        guard transient.contains(where: reason.contains) else { return description }
        return "\(description); the file is damaged or still being written"
    }
}

extension HDF5Failure {
    /// True where an encoding is newer than this library.
    var needsNewerLibrary: Bool {
        let texts = ["unknown version", "bad version", "version out of bounds", "bad flag combination"]
        return texts.contains(where: reason.contains)
    }
}

extension HDF5Failure {
    fileprivate static let versionAdvice = "it needs HDF5 1.12 or later"
}

extension ScanFileError {
    /// True for what is encoded in a way that is newer than this library.
    var needsNewerLibrary: Bool { problem.contains(HDF5Failure.versionAdvice) }
}
