extension Scan {
    /// What the name of this scan's output has after the stem of the file: nothing, or `_scan0012`.
    ///
    /// Everything that could be taken for the same scan gets a part of its own: a second time base `_scan0012.2`, the
    /// dataset where a master links to several `_crystal_0002_scan0012`, a detector where several of a scan are taken
    /// `_scan0012_mpx1x4`.
    mutating func setLabel(_ name: BlissEntryName, amongSeveralDatasets: Bool) {
        let digits = "\(name.scan)"
        let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        label =
            (amongSeveralDatasets && !name.dataset.isEmpty ? "_\(name.dataset)" : "") + "_scan\(number)"
            + (name.subscan == 1 ? "" : ".\(name.subscan)") + (sharesEntry ? "_\(device ?? "")" : "")
    }

    /// What tells this scan from all others of its file: its entry, or the group of its detector where several detectors
    /// of the entry are taken.
    public var key: String { sharesEntry ? "\(entry)/instrument/\(device ?? "")" : entry }

    /// Says that other detectors of the same entry are taken, too.
    public mutating func shareEntry() {
        guard let device, !sharesEntry else { return }
        sharesEntry = true
        label += "_\(device)"
    }
}
