internal import Volume

extension RecordedMask {
    /// The mask beside the frames in an NXdetector group: `pixel_mask`, `pixel_mask_1`, … and Dectris' own place.
    ///
    /// A detector with several thresholds has a mask for each: that of the threshold from which the frames come is taken.
    /// - Throws: ``ScanFileError`` when there is one that cannot be read or does not fit the frames.
    init?(nexus detector: LinkedGroup, for stack: FrameStack?, threshold: Int = 1) throws(ScanFileError) {
        let members = (try? detector.names())?.filter { $0.wholeMatch(of: /pixel_mask(_\d+)?/) != nil } ?? []
        let channel = "threshold_\(threshold)_channel/pixel_mask"
        let paths =
            if detector.dataset(channel) != nil { [channel] } else if !members.isEmpty { members } else {
                ["detectorSpecific/pixel_mask"]
            }
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
