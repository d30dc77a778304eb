/// One study of the report: what it asks, what makes it, and what others found.
public struct ReportChapter: Sendable {
    /// The directory of its files.
    public var name: String
    public var title: String
    /// What is asked and how the answer reads.
    public var question: String
    /// The figures that were published, one line each, with where.
    public var published: [String]
    /// The arguments of `lacuna evaluate` but for the directory.
    public var arguments: [String]
    /// Further arguments that make the study small enough for a report in half an hour.
    public var reduced: [String]
    /// The columns that the page shows of the table; the files hold all.
    public var columns: [String]
    /// Values that a row must have to be shown, by column.
    public var rows: [String: String] = [:]

    /// The arguments at full or at reduced size.
    func arguments(isFull: Bool) -> [String] { isFull ? arguments : arguments + reduced }
}

extension ReportChapter {
    /// The same study on measured data, where it can be made on such.
    func measured(_ data: [String]) -> ReportChapter? {
        guard let study = arguments.first, !arguments.contains("--atoms"),
            ["patches", "interpolation", "intensity", "position", "ablation", "fine-tune"].contains(study)
        else {
            return nil
        }
        var chapter = self
        chapter.name += "-measured"
        chapter.title += ", measured data"
        chapter.arguments += data
        return chapter
    }
}

extension ReportChapter {
    /// The chapters in their order.
    ///
    /// - Parameter data: options that name a measured scan; empty for simulated crystals alone.
    static func all(data: [String]) -> [ReportChapter] {
        let chapters = [
            patches, atoms, wideGaps, interpolation, intensity, oversampling, position, seams, ablation, fineTuning,
            stride, realSpace,
        ]
        return (chapters + planar).flatMap { chapter in
            [chapter] + (data.isEmpty ? [] : [chapter.measured(data)].compactMap { $0 })
        }
    }

    private static let windowColumns = ["windows", "pcc", "pcc_se_volumes", "pcc_noise_free"]

    private static let patches = ReportChapter(
        name: "patches", title: "Accuracy against gap width",
        question: """
            Gaps hidden in windows of 32³ voxels, filled by every method and compared with what was counted there. PCC is \
            the Pearson correlation of log(1+I) over the hidden voxels, its mean over the windows. The oracle is the \
            noise-free truth: what it lacks is photon noise.
            """,
        published: [
            "Masto et al. 2024, table 1: 0.989, 0.977, 0.955, 0.946 at 3, 6, 9, 12 pixels, 1000 windows of bright measured "
                + "data, the mean over 20 bins of intensity (here: pcc_binned)"
        ],
        arguments: ["patches", "--methods", "linear,kriging,paper,network", "--widths", "3,6,9,12"],
        reduced: ["--windows", "300", "--volumes", "24"],
        columns: ["width", "method"] + windowColumns + ["pcc_binned", "within_1_sigma", "within_2_sigma"],
        rows: ["subset": "all"])

    private static let atoms = ReportChapter(
        name: "atoms", title: "Crystals of atoms",
        question: """
            The same with crystals that are simulated atom by atom, their surfaces relaxed: a kind that no network saw in \
            training.
            """,
        published: ["Masto et al. 2024, section 2.1: half of their training data"],
        arguments: ["patches", "--atoms", "--methods", "linear,kriging,paper,network", "--widths", "3,6,9,12"],
        reduced: ["--windows", "100", "--volumes", "6"],
        columns: ["width", "method"] + windowColumns + ["within_1_sigma", "within_2_sigma"], rows: ["subset": "all"])

    private static let wideGaps = ReportChapter(
        name: "wide-gaps", title: "Gaps between modules",
        question: "The same for gaps that no published network fills; windows are as large as the gap needs.",
        published: ["none"],
        arguments: ["patches", "--methods", "linear,kriging,network", "--widths", "20,38"],
        reduced: ["--windows", "120", "--volumes", "16"],
        columns: ["width", "method"] + windowColumns + ["within_1_sigma", "within_2_sigma"], rows: ["subset": "all"])

    private static let interpolation = ReportChapter(
        name: "interpolation", title: "Interpolation",
        question: "How far interpolation between the measured voxels carries.",
        published: ["Masto et al. 2024, figures 3 and 4: their network above linear, cubic and nearest at every width"],
        arguments: ["interpolation", "--widths", "3,6,9,12"], reduced: ["--windows", "300", "--volumes", "24"],
        columns: ["width", "method"] + windowColumns, rows: ["subset": "all"])

    private static let intensity = ReportChapter(
        name: "intensity", title: "Accuracy against intensity",
        question: "The windows in 20 bins of their logarithmic mean counts: where photons are few, nobody can know.",
        published: ["Masto et al. 2024, figure 5: the accuracy rises with the counts and falls with the width"],
        arguments: ["intensity", "--methods", "linear,kriging,paper,network", "--widths", "3,6,9,12"],
        reduced: ["--windows", "300", "--volumes", "24"],
        columns: ["width", "mean_counts", "method", "windows", "pcc"], rows: ["width": "9"])

    private static let oversampling = ReportChapter(
        name: "oversampling", title: "Accuracy against oversampling",
        question: "Pixels per fringe: a gap narrower than half a fringe is nearly determined by what surrounds it.",
        published: [
            "Masto et al. 2024, figure 6: the accuracy rises with the oversampling, 2 to 7, at equal extent in Q"
        ],
        arguments: ["oversampling", "--methods", "linear,kriging,paper,network", "--widths", "3,6,9,12"],
        reduced: ["--windows", "300", "--volumes", "24"],
        columns: ["width", "oversampling_from", "oversampling_to", "method", "windows", "pcc"], rows: ["width": "9"])

    private static let position = ReportChapter(
        name: "position", title: "Accuracy against the place of the gap",
        question: "Pixels between the gap and the Bragg peak.",
        published: ["thesis of the first author, figure 4.6: best where the intensity is high"],
        arguments: ["position", "--methods", "linear,kriging,paper,network", "--widths", "9"],
        reduced: ["--windows", "400", "--volumes", "24"],
        columns: ["width", "distance_from", "distance_to", "method", "windows", "pcc"])

    private static let seams = ReportChapter(
        name: "seams", title: "Seams that were measured",
        question: """
            A MAXIPIX has no dead area: the wide pixels on both sides of a seam hold the sums of three. Fills that use \
            them, or are scaled to them.
            """,
        published: ["none: the literature masks these pixels"],
        arguments: ["patches", "--seams", "--widths", "6", "--methods", "linear,kriging,network"],
        reduced: ["--windows", "200", "--volumes", "16"], columns: ["width", "method"] + windowColumns,
        rows: ["subset": "all"])

    private static let ablation = ReportChapter(
        name: "ablation", title: "What the network's ideas are worth",
        question: """
            The network when it is shown the Friedel mates, when it is asked four times, and when it is not \
            told something that it has learnt to rely on: an upper limit of what that is worth.
            """,
        published: ["none"],
        arguments: ["ablation", "--widths", "6,12,20"], reduced: ["--windows", "100", "--volumes", "16"],
        columns: ["width", "method", "windows", "pcc", "gain", "gain_se", "within_1_sigma"], rows: ["subset": "all"])

    private static let fineTuning = ReportChapter(
        name: "fine-tune", title: "Learning from the scan itself",
        question: """
            Crosses hidden in scans; the network learns from other parts of the same scan. What it learnt is kept where \
            the self-check gains by it.
            """,
        published: [
            "Masto et al. 2024, section 2.7: advised only where the general network is poor; 1-2 minutes on a V100"
        ],
        arguments: ["fine-tune"], reduced: ["--placements", "3"],
        columns: [
            "placement", "width", "windows", "pcc_general", "pcc_learnt", "check_gain", "check_gain_se", "is_kept",
            "gain", "seconds",
        ])

    private static let stride = ReportChapter(
        name: "stride", title: "Time and error against skipped pixels",
        question: """
            The paper's network moves along the gap patch by patch; the others need no patches. Volumes with a cross of 6 \
            pixels; seconds per volume on all cores.
            """,
        published: [
            "Masto et al. 2024, section 2.4: 128³ in 12 minutes with one-pixel steps on a V100, 90 seconds with 4 skipped",
            "thesis, figure 4.13: the error rises clearly beyond 5 skipped pixels",
        ],
        arguments: ["stride"], reduced: ["--extent", "64", "--skipped", "1,3,7,15,30"],
        columns: ["width", "method", "skipped", "seconds", "pcc", "misfit"])

    private static let realSpace = ReportChapter(
        name: "real-space", title: "The reconstructed crystal",
        question: """
            Errors inside of the crystal with the gap at zero, left free, filled, and bounded by the fill's stated \
            uncertainty until the object is found, then free; with the true phases, and with phases that are retrieved \
            within the known support or with shrink-wrap. Strain in parts per million.
            """,
        published: [
            "Masto et al. 2024, section 2.6.1, and thesis, figure 4.22: with the true phases, the strain's error of the "
                + "filled pattern is about 5 times lower than with the gap at zero",
            "Masto et al. 2024, section 2.6.2: with retrieved phases, filled is better than zero and than free",
        ],
        arguments: ["real-space"],
        reduced: ["--crystals", "4", "--size", "64", "--widths", "3,6,9,12", "--starts", "2"],
        columns: [
            "phases", "gap", "width", "treatment", "crystals", "microstrain", "microstrain_se", "phase_rad", "modulus",
            "gain",
        ])
}

extension ReportChapter {
    /// The studies of two-dimensional networks, which are trained for them.
    static let planar = [
        ReportChapter(
            name: "models", title: "Two-dimensional networks",
            question: """
                The networks that preceded the paper's, trained from scratch on simulated patterns of 128x128 pixels, each \
                for the same steps: far shorter than published. PCC against gap width; of the last network also against \
                the gap's first column and pixels per fringe, gaps of 9 pixels.
                """,
            published: [
                "thesis, section 4.3.2: after 10 epochs of 12 000 patterns MSD-Net is poor, the modified U-Net slightly "
                    + "better than the U-Net",
                "thesis, figures 4.6 and 4.7: best where the intensity is high, and with more pixels per fringe",
            ],
            arguments: ["models"],
            reduced: ["--steps", "20", "--patterns", "60", "--position-patterns", "40", "--particles", "5"],
            columns: [
                "question", "width", "position", "oversampling", "method", "patterns", "pcc", "pcc_se", "milliseconds",
                "parameters", "training_patterns",
            ]),
        ReportChapter(
            name: "losses", title: "Losses",
            question: "The same two-dimensional network trained from scratch with each loss, for the same steps.",
            published: [
                "thesis, figure 4.4: MAE fails to recover the oscillations, SSIM is better than MSE; MSE + SSIM + MSE of "
                    + "the gradients is chosen"
            ],
            arguments: ["losses"], reduced: ["--steps", "20", "--patterns", "60"],
            columns: ["width", "method", "patterns", "pcc", "pcc_se", "gain", "training_patterns"]),
    ]
}
