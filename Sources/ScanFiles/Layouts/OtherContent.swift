/// What other programs leave beside scans: masks, supports, reconstructions, analyses.
enum OtherContent {
    /// Words that a file of counts has in its name by no accident.
    private static let words: Set<String> = [
        "mask", "masks", "support", "supports", "flatfield", "hotpixels", "amplitude", "displacement", "reconstruction",
        "reconstructions", "recon", "psf",
    ]
    /// What further arrays are called; names of samples may hold these.
    private static let arrayWords: Set<String> = [
        "phase", "amp", "strain", "dark", "flat", "background", "modes", "obj",
    ]

    /// The word by which the name of a file tells that no scan is meant; `nil` for a name that tells nothing.
    static func word(inFileName name: String) -> String? { parts(name).first(where: words.contains) }

    /// The same for the name of an array.
    static func word(inArrayName name: String) -> String? {
        parts(name).first { words.contains($0) || arrayWords.contains($0) }
    }

    private static func parts(_ name: String) -> [String] {
        name.lowercased().split { !$0.isLetter }.map(String.init)
    }
}
