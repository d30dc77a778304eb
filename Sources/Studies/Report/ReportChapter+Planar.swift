extension ReportChapter {
    /// The studies of two-dimensional networks, which are trained for them.
    static let planar = [
        ReportChapter(
            name: "models", title: "Two-dimensional networks",
            question: """
                The networks that preceded the paper's, trained from scratch on simulated patterns of 128x128 pixels, each \
                for the same time: far shorter than published. PCC against gap width; of the last network also against \
                the gap's first column and pixels per fringe, gaps of 9 pixels.
                """,
            published: [
                "thesis, section 4.3.2: after 10 epochs of 12 000 patterns MSD-Net is poor, the modified U-Net slightly "
                    + "better than the U-Net",
                "thesis, figures 4.6 and 4.7: best where the intensity is high, and with more pixels per fringe",
            ],
            arguments: ["models"],
            reduced: ["--minutes", "4", "--patterns", "60", "--position-patterns", "40", "--particles", "5"],
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
            arguments: ["losses"], reduced: ["--minutes", "3", "--patterns", "60"],
            columns: ["width", "method", "patterns", "pcc", "pcc_se", "gain", "training_patterns"]),
    ]
}
