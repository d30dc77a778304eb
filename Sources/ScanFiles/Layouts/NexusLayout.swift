enum NexusLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) -> Bool { true }
    static func open(_ root: LinkedGroup, request: ScanRequest) throws(ScanFileError) -> ScanFile {
        throw ScanFileError(path: request.path, problem: "its layout is not known")
    }
}
