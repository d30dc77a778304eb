public import Volume

/// What an assembly of chips writes into the lines along its seams.
///
/// The names are those of Lima's MAXIPIX plug-in (`MaxipixReconstruction`).
public enum SeamFill: String, CaseIterable, Codable, Sendable {
    /// The wide edge pixels keep what they counted, the lines between them are zero.
    case raw
    /// Edge and inserted lines are zero.
    case zero
    /// Each edge count, divided by the pixel's width with the remainder lost, in every line that the pixel covers.
    case dispatch
    /// A straight ramp from one edge count divided by its width to the other, cut to whole counts.
    case mean
}

/// The seams of a detector made of several chips under one sensor.
///
/// Nothing is lost there: the pixels on both sides of a seam are wider than the others, and the image gets inserted
/// lines so that its grid stays even. A MAXIPIX quad of 516x516 pixels inserts the lines 256 ..< 260 on both axes; its
/// line 255 counts what falls on lines 255, 256 and 257, its line 260 what falls on 258, 259 and 260. Where two seams
/// cross, pixels are wide both ways.
public struct ChipSeams: Hashable, Sendable {
    /// The inserted lines along each axis, in ascending order.
    public let rows: [Range<Int>]
    public let columns: [Range<Int>]

    /// - Precondition: each seam inserts an even number of lines.
    public init(rows: [Range<Int>], columns: [Range<Int>]) {
        precondition((rows + columns).allSatisfy { $0.count.isMultiple(of: 2) }, "a seam of an odd number of lines")
        self.rows = rows
        self.columns = columns
    }

    /// The MAXIPIX quad of 2x2 chips, 516x516 pixels.
    public static let maxipixQuad = ChipSeams(rows: [256..<260], columns: [256..<260])

    /// The image that the detector delivers for the counts that fall on an even grid of pixels.
    ///
    /// - Parameters:
    ///   - frame: true counts in row-major order (slow, fast).
    ///   - shape: that of `frame`; every seam lies inside with a line to spare on both sides.
    public func record(_ frame: [UInt32], shape: FrameShape, fill: SeamFill = .raw) -> [UInt32] {
        precondition(frame.count == shape.count, "\(frame.count) counts given for an image of \(shape)")
        let axes = [
            Axis(seams: rows, length: shape.rows, step: shape.columns, lines: shape.columns, lineStep: 1),
            Axis(seams: columns, length: shape.columns, step: 1, lines: shape.rows, lineStep: shape.columns),
        ]
        var image = frame
        for axis in axes { axis.forEachSeam { Self.sum(&image, $0, $1) } }
        if fill != .raw {
            for axis in axes { axis.forEachSeam { Self.fill(&image, $0, $1, as: fill) } }
        }
        return image
    }

    /// One axis of the image, across which seams are seen.
    private struct Axis {
        var seams: [Range<Int>]
        var length: Int
        /// Distance in the array of two neighbours along the axis.
        var step: Int
        /// Number of lines along the axis, and their distance.
        var lines: Int
        var lineStep: Int

        /// Calls `body` with the positions across one seam, from edge pixel to edge pixel, for each line that crosses.
        func forEachSeam(_ body: (_ start: Int, _ seam: Seam) -> Void) {
            for seam in seams {
                precondition(seam.lowerBound > 0 && seam.upperBound < length, "the seam \(seam) leaves the image")
                for line in 0..<lines {
                    body(line * lineStep + (seam.lowerBound - 1) * step, Seam(inserted: seam.count, step: step))
                }
            }
        }
    }

    /// The pixels across a seam: an edge pixel, the inserted ones, the other edge pixel.
    private struct Seam {
        var inserted: Int
        var step: Int
        /// How many lines an edge pixel covers.
        var width: Int { inserted / 2 + 1 }
    }

    /// Gathers in each edge pixel what falls on the lines that it covers.
    private static func sum(_ image: inout [UInt32], _ start: Int, _ seam: Seam) {
        let end = start + (seam.inserted + 1) * seam.step
        for line in 1..<seam.width {
            image[start] += image[start + line * seam.step]
            image[end] += image[end - line * seam.step]
            image[start + line * seam.step] = 0
            image[end - line * seam.step] = 0
        }
    }

    private static func fill(_ image: inout [UInt32], _ start: Int, _ seam: Seam, as fill: SeamFill) {
        let last = seam.inserted + 1
        let end = start + last * seam.step
        let (first, second) = (image[start], image[end])
        for line in 0...last {
            let width = UInt32(seam.width)
            image[start + line * seam.step] =
                switch fill {
                case .raw: image[start + line * seam.step]
                case .zero: 0
                case .dispatch: (line < seam.width ? first : second) / width
                case .mean:
                    // (first + (second - first) · line / last) / width, rounded down
                    UInt32(
                        (UInt64(first) * UInt64(last - line) + UInt64(second) * UInt64(line))
                            / UInt64(last * seam.width))
                }
        }
    }
}

extension PixelMask {
    /// A detector image, row-major, in which the masked pixels saw nothing and hold `flag` instead.
    ///
    /// - Precondition: `frame.count == shape.count`.
    public func blinded(_ frame: [UInt32], flag: UInt32 = 0) -> [UInt32] {
        precondition(frame.count == shape.count, "\(frame.count) counts given for a mask of \(shape)")
        var frame = frame
        for index in frame.indices where storage[index] { frame[index] = flag }
        return frame
    }
}
