internal import Detectors
internal import Volume

/// Finds, while a scan passes by, where gaps can be hidden that tell something: where there are counts.
struct SignalSurvey: Sendable {
    private let places: [HiddenGap]
    /// Hidden voxels with at least one count, for each place.
    private var counts: [Int]

    /// - Parameters:
    ///   - mask: the pixels that are missing in every frame.
    ///   - bands: the gaps, (row or column).
    ///   - frames: number of frames of the scan.
    ///   - maximumWidth: the widest gap that is filled, in pixels.
    init(mask: PixelMask, bands: [GapBand], frames: Int, maximumWidth: Int) {
        places = HiddenGap.places(mask: mask, bands: bands, frames: frames, maximumWidth: maximumWidth)
        counts = [Int](repeating: 0, count: places.count)
    }

    /// Looks at the next frames.
    ///
    /// - Parameter firstFrame: the position in the scan of the first of them.
    mutating func add(_ data: Volume<Float>, firstFrame: Int) {
        let frames = firstFrame..<firstFrame + data.shape.frames
        let seen = concurrentMap(0..<places.count) { index in
            let place = places[index]
            var count = 0
            for frame in place.box.frames.clamped(to: frames) {
                for row in place.rows {
                    let base = data.rowBase(frame: frame - firstFrame, row: row)
                    for column in place.columns where data.storage[base &+ column] >= 1 { count &+= 1 }
                }
            }
            return count
        }
        for index in counts.indices { counts[index] += seen[index] }
    }

    /// Some places with signal, where at least a quarter of the hidden voxels holds a count, drawn at random and shared
    /// between the widths of the gaps as evenly as can be.
    ///
    /// - Parameters:
    ///   - count: of the gaps, where there are as many places.
    ///   - voxels: that all of them together hide at most, but for the fewest of them.
    func draw(_ count: ClosedRange<Int>, hiding voxels: Int, seed: UInt64) -> [HiddenGap] {
        let draw = SeededDraw(seed: seed)
        let telling = zip(places, counts).filter { place, count in
            4 * count >= place.box.frames.count * place.rows.count * place.columns.count
        }
        let ranked = telling.map(\.0).map { place in
            (place, draw.number(place.box.frames.lowerBound, place.rows.lowerBound, place.columns.lowerBound))
        }
        let widths = Dictionary(grouping: ranked.sorted { $0.1 < $1.1 }.map(\.0), by: \.width)
            .sorted { $0.key < $1.key }.map(\.value)
        let rounds = (0..<(widths.map(\.count).max() ?? 0)).lazy.flatMap { round in
            widths.compactMap { round < $0.count ? $0[round] : nil }
        }
        var room = voxels
        return rounds.prefix(count.upperBound).enumerated().prefix { index, gap in
            room -= gap.hidden.shape.count
            return index < count.lowerBound || room >= 0
        }.map(\.element)
    }
}
