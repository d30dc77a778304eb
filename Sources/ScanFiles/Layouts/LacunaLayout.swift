/// Files that Lacuna itself wrote: inpainted scans, and the truth beside simulated ones.
enum LacunaLayout: HDF5Layout {
    static func understands(_ root: LinkedGroup) -> Bool {
        creator(of: root).hasPrefix("lacuna")
    }

    static func open(_ root: LinkedGroup, request: ScanRequest) -> ScanFile {
        let isTruth = creator(of: root).hasPrefix("lacuna simulate")
        return ScanFile(
            path: request.path, layout: isTruth ? .lacunaTruth : .lacunaOutput, scans: [],
            notAScan: isTruth ? "the truth beside a simulated scan" : "an inpainted scan, written by Lacuna")
    }

    /// True for an inpainted scan.
    static func isOutput(_ root: LinkedGroup) -> Bool {
        let creator = creator(of: root)
        return creator.hasPrefix("lacuna") && !creator.hasPrefix("lacuna simulate")
    }

    private static func creator(of root: LinkedGroup) -> String {
        (try? root.group.textAttribute("creator")) ?? ""
    }
}
