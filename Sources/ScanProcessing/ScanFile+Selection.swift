internal import Conventions
public import ScanFiles

extension ScanFile {
    /// The scans that `lacuna inpaint` takes when it is given the file: its only one, or all rocking scans that can be
    /// read.
    ///
    /// - Throws: ``ScanFileError`` when there is none, with the reason.
    public func scansToInpaint() throws(ScanFileError) -> [Scan] {
        if layout == .lacunaOutput || layout == .lacunaTruth {
            throw ScanFileError(path: path, problem: "expected a raw scan, found \(notAScan ?? "none")")
        }
        guard let first = scans.first else { throw ScanFileError(path: path, problem: notAScan ?? "holds no scan") }
        if scans.count == 1 { return scans }

        let readable = scans.filter { $0.stack != nil && $0.problem == nil }
        if readable.isEmpty { throw first.problem ?? ScanFileError(path: path, problem: "holds no scan with images") }
        let rules = TitleRules()
        let rocking = readable.filter { scan in scan.title.flatMap { rules.reasonToSkip($0) } == nil }
        if rocking.isEmpty {
            throw ScanFileError(path: path, problem: "holds no rocking scan; --scan takes one of the others")
        }
        return rocking
    }
}
