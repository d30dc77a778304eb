internal import Volume

extension RecordedMask {
    /// The mask beside the frames in an NXdetector group: `pixel_mask`, `pixel_mask_1`, … and Dectris' own place.
    ///
    /// - Throws: ``ScanFileError`` when there is one that cannot be read or does not fit the frames.
    init?(nexus detector: LinkedGroup, for stack: FrameStack?) throws(ScanFileError) {
        let members = (try? detector.names())?.filter { $0.wholeMatch(of: /pixel_mask(_\d+)?/) != nil } ?? []
        let paths = members.isEmpty ? ["detectorSpecific/pixel_mask"] : members
        var parts: [FrameStack] = []
        for path in paths {
            if let part = try detector.mask(path) { parts.append(part) }
        }
        guard !parts.isEmpty else { return nil }
        try self.init(.nexus, parts: parts, for: stack?.shape)
    }
}

extension LinkedGroup {
    /// A mask, (row, column) or (frame, row, column); `nil` when there is none of that name.
    ///
    /// - Throws: ``ScanFileError`` when it is there and cannot be read.
    func mask(_ path: String) throws(ScanFileError) -> FrameStack? {
        guard let dataset = try node(path)?.dataset else { return nil }
        let finding = try StackInspector.inspect([dataset], name: dataset.path, walker: walker, allowsImage: true)
        if let problem = finding.problem ?? finding.faults.first?.error { throw problem }
        return finding.stack
    }
}
