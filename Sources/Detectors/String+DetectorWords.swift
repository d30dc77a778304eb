extension String {
    /// The runs of letters and of digits in lower case, by which names of detectors are compared.
    ///
    /// “EIGER2 X CdTe 1M-W”, “Eiger2CdTe_1MW” and “eiger2-cdte-1m-w” are all eiger, 2, cdte, 1, m, w: letters that only
    /// tell versions of one geometry (Dectris X, XE, R, S) are left out, and the W of wide stands alone.
    var detectorWords: [String] {
        var words: [String] = []
        var kind = Kind.other
        for character in lowercased() {
            let previous = kind
            kind = Kind(character)
            switch kind {
            case .other: continue
            case previous: words[words.endIndex - 1].append(character)
            default: words.append(String(character))
            }
        }
        words = words.flatMap { $0 == "kw" || $0 == "mw" ? [String($0.prefix(1)), "w"] : [$0] }
        return words.prefix(1) + words.dropFirst().filter { !["x", "xe", "r", "s"].contains($0) }
    }

    /// The sizes that it tells, such as “4m” or “3.5m”.
    var detectorSizes: [String] {
        lowercased().matches(of: /(\d+(\.\d+)?)[ _-]?([km])\b/).map { $0.1 + $0.3 }.map(String.init)
    }

    private enum Kind {
        case letter, digit, other

        init(_ character: Character) {
            self = character.isLetter ? .letter : character.isNumber ? .digit : .other
        }
    }
}
