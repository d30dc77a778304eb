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
