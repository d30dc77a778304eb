internal import CHDF5
internal import Foundation

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
            var info = H5O_info_t()
            return H5Oget_info2(handle.id, &info, UInt32(H5O_INFO_BASIC)) >= 0 ? info.addr : 0
        }
        return "\(URL(filePath: file.path).resolvingSymlinksInPath().path(percentEncoded: false))#\(address)"
    }
}

extension HDF5Failure {
    /// The failure in words; the kinds that a file shows while it is being written say so.
    var explanation: String {
        if let limit = OpenFileLimit.explanation(ofError: systemError) { return "\(action): \(limit)" }
        if isForWantOfVersion {
            return "\(description): the \(HDF5Library.version) here is too old: \(Self.versionAdvice)"
        }
        let transient = ["addr overflow", "eoa", "truncated", "superblock", "already open for write", "object header"]
        guard transient.contains(where: reason.contains) else { return description }
        return "\(description); the file is damaged or still being written"
    }
}

extension HDF5Failure {
    /// True where an encoding is newer than this library.
    var isForWantOfVersion: Bool {
        let texts = ["unknown version", "bad version", "version out of bounds", "bad flag combination"]
        return texts.contains(where: reason.contains)
    }
}

extension HDF5Failure {
    fileprivate static let versionAdvice = "it needs HDF5 1.12 or later"
}

extension ScanFileError {
    /// True for what is encoded in a way that is newer than this library.
    var isForWantOfVersion: Bool { problem.contains(HDF5Failure.versionAdvice) }
}
