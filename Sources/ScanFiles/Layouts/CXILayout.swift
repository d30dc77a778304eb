enum CXILayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) -> Bool { false }
    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        throw ScanFileError(path: request.path, problem: "its layout is not known")
    }
}
