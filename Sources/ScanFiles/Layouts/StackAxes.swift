/// Which axes of a dataset with more than three are frame, row and column.
enum StackAxes {
    /// The part of a dataset that is a stack of images, with what a person should know of it; `nil` where that is not
    /// clear.
    ///
    /// Axes of length 1 are left out. Of (frame, threshold, row, column) one threshold is taken.
    /// - Parameters:
    ///   - threshold: from 1.
    ///   - isTold: whether the second axis is known to be that of thresholds.
    static func stack(
        _ dataset: HDF5Dataset, threshold: Int, isTold: Bool
    ) -> (dataset: HDF5Dataset, remark: String?)? {
        let leading = dataset.shape.dropLast(2)
        guard leading.count > 1, leading.count <= 4 else { return nil }
        var plane = HDF5Plane.whole(dataset.shape.count)
        let long = leading.indices.filter { leading[$0] != 1 }
        let frames = long.first ?? 0
        for axis in leading.indices where axis != frames { plane.indices[axis] = 0 }
        guard let thresholds = long.dropFirst().first else { return (dataset.seen(as: plane), nil) }
        guard long.count == 2, isTold, dataset.externalParts.isEmpty,
            (1...dataset.shape[thresholds]).contains(threshold)
        else { return nil }
        plane.indices[thresholds] = threshold - 1
        return (dataset.seen(as: plane), "threshold \(threshold) of \(dataset.shape[thresholds]) was taken")
    }

    /// Why a dataset with too many axes is no stack of images.
    static func problem(_ dataset: HDF5Dataset) -> ScanFileError {
        let words = dataset.shape.map(String.init).joined(separator: "x")
        let advice =
            dataset.shape.count == 4
            ? "; where the second axis is that of thresholds, `threshold` takes one, and several exposures of each point "
                + "are not summed" : ""
        return ScanFileError(
            path: dataset.file.path, dataset: dataset.path,
            problem: "expected 3 axes (frame, row, column), found \(dataset.shape.count): \(words)\(advice)")
    }
}

extension LinkedGroup {
    /// Whether a detector of the file says that it has so many thresholds: EIGER2 and PILATUS4 describe each in a group
    /// `threshold_<n>_channel`.
    func hasThresholds(_ count: Int) -> Bool {
        guard let root = try? walker.root(of: file) else { return false }
        let top = LinkedGroup(group: root, walker: walker)
        let instruments = ((try? top.names()) ?? []).compactMap { top.child("\($0)/instrument") }
        let detectors =
            [self]
            + instruments.flatMap { instrument in
                ((try? instrument.names()) ?? []).compactMap { instrument.child($0) }
            }
        return detectors.contains { detector in
            let channels = ((try? detector.names()) ?? []).count { $0.wholeMatch(of: /threshold_\d+_channel/) != nil }
            return channels == count
        }
    }
}
