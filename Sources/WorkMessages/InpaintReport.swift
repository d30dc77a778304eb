/// The outcome of one inpainted scan: the object that `lacuna inpaint --json` prints.
public struct InpaintReport: Codable, Sendable, Equatable {
    public struct Model: Codable, Sendable, Equatable {
        public var name: String
        public var sha256: String

        public init(name: String, sha256: String) {
            self.name = name
            self.sha256 = sha256
        }
    }

    /// What came out where gaps of the same widths were hidden, filled, and compared with what was measured there.
    public struct SelfCheck: Codable, Sendable, Equatable {
        /// Pearson correlation of log(1+I) over the hidden voxels, mean over samples, of what filled the scan.
        public var pcc: Double?
        public var pccKriging: Double?
        public var pccLinear: Double?
        /// Shares of the hidden voxels within one and two standard uncertainties; `nil` where none are stated.
        public var withinOneSigma: Double?
        public var withinTwoSigma: Double?
        /// By what the stated variances of log(1+I) were multiplied to be right, for ``Quality/pcc``.
        public var varianceScale: Double?
        /// Number of hidden windows that were scored.
        public var samples: Int

        public init(pcc: Double?, samples: Int) {
            self.pcc = pcc
            self.samples = samples
        }

        enum CodingKeys: String, CodingKey {
            case pcc, samples
            case pccKriging = "pcc_kriging"
            case pccLinear = "pcc_linear"
            case withinOneSigma = "within_1_sigma"
            case withinTwoSigma = "within_2_sigma"
            case varianceScale = "variance_scale"
        }

        /// The figures by their names in files, in order.
        package var figures: [(name: String, value: Double?)] {
            [
                (.pcc, pcc), (.pccKriging, pccKriging), (.pccLinear, pccLinear), (.withinOneSigma, withinOneSigma),
                (.withinTwoSigma, withinTwoSigma), (.varianceScale, varianceScale),
            ].map { (key: CodingKeys, value) in ("self_check_" + key.rawValue, value) }
        }
    }

    /// How well the gaps are filled; `nil` where it could not be told.
    public struct Quality: Codable, Sendable, Equatable {
        /// The Pearson correlation of log(1+I) to be expected in the gaps themselves, mean over windows with signal: from
        /// the filler's own uncertainties, multiplied by what makes them right in hidden gaps. Where the filler states
        /// none, the correlation in the hidden gaps.
        @OrNull public var pcc: Double? = nil
        /// The same for the network as it came; `nil` unless it was fine-tuned.
        @OrNull public var pccBeforeFineTune: Double? = nil
        @OrNull public var pccLinear: Double? = nil
        @OrNull public var pccKriging: Double? = nil
        /// Mean squared error of log(1+I) in units of what photon noise alone would give; 1 is the limit.
        @OrNull public var misfit: Double? = nil
        /// Shares of the hidden voxels within one and two standard uncertainties; `nil` where none are stated.
        @OrNull public var withinOneSigma: Double? = nil
        @OrNull public var withinTwoSigma: Double? = nil
        /// Number of hidden windows that were scored.
        public var samples: Int

        public init(pcc: Double?, pccLinear: Double?, pccKriging: Double?, misfit: Double?, samples: Int) {
            self.pcc = pcc
            self.pccLinear = pccLinear
            self.pccKriging = pccKriging
            self.misfit = misfit
            self.samples = samples
        }

        enum CodingKeys: String, CodingKey {
            case pcc, misfit, samples
            case pccBeforeFineTune = "pcc_before_fine_tune"
            case pccLinear = "pcc_linear"
            case pccKriging = "pcc_kriging"
            case withinOneSigma = "within_1_sigma"
            case withinTwoSigma = "within_2_sigma"
        }

        /// The figures by their names in files, in order.
        package var figures: [(name: String, value: Double?)] {
            [
                (.pcc, pcc), (.pccBeforeFineTune, pccBeforeFineTune), (.pccLinear, pccLinear),
                (.pccKriging, pccKriging), (.misfit, misfit), (.withinOneSigma, withinOneSigma),
                (.withinTwoSigma, withinTwoSigma),
            ].map { (key: CodingKeys, value) in (key.rawValue, value) }
        }
    }

    /// What became of enlarged pixels along the detector's seams.
    public enum EdgePixelUse: String, Codable, Sendable {
        /// They hold sums, which the filled voxels keep.
        case used
        /// They are part of the gap.
        case masked
        /// The detector has none.
        case absent
    }

    /// Wall seconds spent in each stage; stages overlap, so they may add up to more than `total`.
    public struct Seconds: Codable, Sendable, Equatable {
        public var read = 0.0
        public var mask = 0.0
        public var fineTune = 0.0
        public var inpaint = 0.0
        public var write = 0.0
        public var total = 0.0

        public init() {}

        enum CodingKeys: String, CodingKey {
            case read, mask, inpaint, write, total
            case fineTune = "fine_tune"
        }
    }

    public var input: String
    @OrNull public var scan: Int? = nil
    public var dataset: String
    @OrNull public var detector: String? = nil
    public var shape: [Int]
    public var dtype: String
    public var maskedVoxels = 0
    public var filledVoxels = 0
    public var unfilledVoxels = 0
    public var method: String
    @OrNull public var model: Model? = nil
    public var fineTuned = false
    public var quality: Quality
    public var seconds = Seconds()
    public var peakMemoryBytes = 0
    public var output: String
    /// The picture beside the output; `nil` where none was written.
    @OrNull public var picture: String? = nil
    /// Things a person should know about this result, e.g. "aborted by the user after 57 of 201 frames".
    public var remarks: [String] = []
    /// `nil` in reports of versions that did not know of them.
    @OrNull public var edgePixels: EdgePixelUse? = nil
    /// `nil` in reports of versions that did not tell it apart from ``quality``.
    @OrNull public var selfCheck: SelfCheck? = nil
    /// How well each gap is filled; `nil` in reports of versions that did not know.
    @OrNull public var gaps: [GapReport]? = nil

    /// What every report has; the rest follows.
    public init(
        input: String, output: String, dataset: String, shape: [Int], dtype: String, method: String, quality: Quality
    ) {
        self.input = input
        self.output = output
        self.dataset = dataset
        self.shape = shape
        self.dtype = dtype
        self.method = method
        self.quality = quality
    }

    enum CodingKeys: String, CodingKey {
        case input, scan, dataset, detector, shape, dtype, method, model, quality, seconds, output, picture, remarks
        case maskedVoxels = "masked_voxels"
        case filledVoxels = "filled_voxels"
        case unfilledVoxels = "unfilled_voxels"
        case fineTuned = "fine_tuned"
        case peakMemoryBytes = "peak_memory_bytes"
        case edgePixels = "edge_pixels"
        case selfCheck = "self_check"
        case gaps
    }
}
