/// A section through an output, which the daemon has a child draw for its page.
public struct SectionOrder: Codable, Sendable, Hashable {
    /// What all voxels of a section have in common.
    public enum Axis: String, Codable, Sendable, CaseIterable {
        /// The picture is (row, column).
        case frame
        /// The picture is (frame, column).
        case row
        /// The picture is (row, frame).
        case column
    }

    /// What of the voxels is drawn.
    public enum Layer: String, Codable, Sendable, CaseIterable {
        /// Counts, on a logarithmic scale.
        case counts
        /// Grey where a value is an estimate, nothing elsewhere: laid over the counts, what was known before.
        case gaps
        /// How uncertain each estimate is, nothing elsewhere.
        case uncertainty
    }

    /// Absolute path of the output.
    public var output: String
    public var axis: Axis
    /// Along that axis, from 0.
    public var index: Int
    public var layer: Layer
    /// The counts at the upper end of the scale.
    public var maximum: Double

    public init(output: String, axis: Axis, index: Int, layer: Layer, maximum: Double) {
        self.output = output
        self.axis = axis
        self.index = index
        self.layer = layer
        self.maximum = maximum
    }
}

/// An output as far as the page must know it to ask for sections.
public struct OutputDescription: Codable, Sendable, Equatable {
    /// A voxel.
    public struct Place: Codable, Sendable, Equatable {
        public var frame: Int
        public var row: Int
        public var column: Int

        public init(frame: Int, row: Int, column: Int) {
            self.frame = frame
            self.row = row
            self.column = column
        }
    }

    /// How many frames, rows and columns there are.
    public var frames: Int
    public var rows: Int
    public var columns: Int
    /// The brightest place.
    public var peak: Place
    /// The most counts of the peak's frame, at least 1.
    public var maximum: Double
    /// Sections of a row or a column show every so many frames.
    public var frameStep: Int
    /// What is said of each gap, as far as it stands in the file.
    public var gaps: [Gap]

    /// One gap of the scan.
    public struct Gap: Codable, Sendable, Equatable {
        /// e.g. `rows 254:260`.
        public var name: String
        public var width: Int
        public var verdict: String
        public var reason: String
        /// Expected correlation of log(1+I), and that which photon noise alone would leave.
        public var expectedPCC: Double?
        public var attainablePCC: Double?

        public init(
            name: String, width: Int, verdict: String, reason: String, expectedPCC: Double?, attainablePCC: Double?
        ) {
            self.name = name
            self.width = width
            self.verdict = verdict
            self.reason = reason
            self.expectedPCC = expectedPCC
            self.attainablePCC = attainablePCC
        }

        enum CodingKeys: String, CodingKey {
            case name, width, verdict, reason
            case expectedPCC = "expected_pcc"
            case attainablePCC = "attainable_pcc"
        }
    }

    public init(
        frames: Int, rows: Int, columns: Int, peak: Place, maximum: Double, frameStep: Int, gaps: [Gap]
    ) {
        self.frames = frames
        self.rows = rows
        self.columns = columns
        self.peak = peak
        self.maximum = maximum
        self.frameStep = frameStep
        self.gaps = gaps
    }

    enum CodingKeys: String, CodingKey {
        case frames, rows, columns, peak, maximum, gaps
        case frameStep = "frame_step"
    }
}
