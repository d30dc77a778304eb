/// How a scan lies on disk.
public enum AcquisitionLayout: String, Sendable, CaseIterable {
    /// The tree of an ESRF beamline: masters, a dataset file, a directory of Lima files for each scan.
    case bliss
    /// One Lima file, without the scan around it.
    case lima
    /// One NeXus file with frames, pixel mask and the detector's description.
    case nexus
    /// A NumPy archive of `data` and `mask`.
    case npz
}
