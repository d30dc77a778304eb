internal import Foundation
internal import Subprocess
internal import SystemPackage

/// Makes every study of the report, each by the very command that the page names, and puts them on one page.
///
/// Studies run in child processes of this very executable. A study that was made before by the same command is not made
/// again, so that an interrupted report is continued.
public struct ReportMaker: Sendable {
    /// What is left of a study once it is made.
    struct Made: Codable, Equatable {
        var arguments: [String]
        var seconds: Double
    }

    private let directory: String
    private let chapters: [ReportChapter]
    private let isFull: Bool

    /// - Parameters:
    ///   - directory: where `index.html` is written, and a directory for each study.
    ///   - data: options that name a measured scan, for the studies that take one.
    ///   - names: of the studies to make; `nil` for all.
    ///   - isFull: whether the studies have their own size, which takes hours, rather than a reduced one.
    public init(directory: String, data: [String] = [], only names: [String]? = nil, isFull: Bool = false) {
        self.directory = directory
        chapters = ReportChapter.all(data: data).filter { names?.contains($0.name) ?? true }
        self.isFull = isFull
    }

    /// The names of the studies, in the order of the page.
    public static func names(isMeasured: Bool) -> [String] {
        ReportChapter.all(data: isMeasured ? [""] : []).map(\.name)
    }

    /// Where the page is.
    public var page: String { "\(directory)/index.html" }

    /// Makes what is missing; the page is written anew after each study.
    ///
    /// - Parameter progress: told which study comes next, its place and their number.
    /// - Returns: the studies that failed.
    /// - Throws: ``StudyError`` where the page cannot be written.
    public func run(progress: (_ study: String, _ index: Int, _ total: Int) -> Void) async throws -> [String] {
        var failed: [String] = []
        for (index, chapter) in chapters.enumerated() {
            progress(chapter.name, index + 1, chapters.count)
            if try await !make(chapter) { failed.append(chapter.name) }
            try writePage()
        }
        return failed
    }

    private func make(_ chapter: ReportChapter) async throws -> Bool {
        let arguments = chapter.arguments(isFull: isFull)
        let place = "\(directory)/\(chapter.name)"
        guard made(chapter)?.arguments != arguments else { return true }
        try? FileManager.default.removeItem(atPath: "\(place)/made.json")
        let start = ContinuousClock.now
        let result = try await Subprocess.run(
            .path("/proc/self/exe"), arguments: Arguments(["evaluate"] + arguments + ["--output", place]),
            output: .discarded, error: .currentStandardError)
        guard case .exited(0) = result.terminationStatus else { return false }
        let made = Made(arguments: arguments, seconds: (ContinuousClock.now - start) / .seconds(1))
        try StudyFiles.write(try JSONEncoder().encode(made), to: "\(place)/made.json")
        return true
    }

    private func made(_ chapter: ReportChapter) -> Made? {
        FileManager.default.contents(atPath: "\(directory)/\(chapter.name)/made.json")
            .flatMap { try? JSONDecoder().decode(Made.self, from: $0) }
    }

    private func writePage() throws {
        let sections = chapters.map { chapter in
            ReportPage.Section(chapter: chapter, made: made(chapter), directory: "\(directory)/\(chapter.name)")
        }
        try StudyFiles.write(Data(ReportPage(sections: sections, isFull: isFull).html.utf8), to: page)
    }
}

/// All studies on one page of HTML, figures included, that needs no other file.
struct ReportPage {
    /// A study and what is in its directory.
    struct Section {
        var chapter: ReportChapter
        /// `nil` where the study is not made yet, or failed.
        var made: ReportMaker.Made?
        var directory: String
    }

    var sections: [Section]
    var isFull: Bool

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Lacuna: the studies</title>
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
        table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
        th, td { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
        figure { margin: 1rem 0; } img { max-width: 100%; height: auto; background: white; }
        code { overflow-wrap: anywhere; } section { border-top: 2px solid #8888; margin-top: 2.5rem; }
        .missing { color: #b00; }
        </style>
        <h1>What Lacuna's fills are worth</h1>
        <p>Every study of Masto et al. 2024 (J. Appl. Cryst. 57, 966-974) and of the thesis behind it, made by the command
        that stands with it\(isFull ? "" : ", at reduced size"). The files beside this page hold all columns.</p>
        <nav><ol>
        \(sections.map { "<li><a href=\"#\($0.chapter.name)\">\($0.chapter.title.escaped)</a></li>" }.joined(separator: "\n"))
        </ol></nav>
        \(sections.map(\.html).joined(separator: "\n"))
        </html>

        """
    }
}

extension ReportPage.Section {
    /// What the page takes from `table.json`.
    private struct Table: Decodable {
        var figures: [String]
        var rows: [[String: StudyTable.Value]]
    }

    fileprivate var html: String {
        let published = chapter.published.map { "<li>\($0.escaped)</li>" }.joined(separator: "\n")
        return """
            <section id="\(chapter.name)">
            <h2>\(chapter.title.escaped)</h2>
            <p>\(chapter.question.escaped)</p>
            <p>Published:</p>
            <ul>\(published)</ul>
            \(result)
            </section>
            """
    }

    private var result: String {
        guard let made, let data = FileManager.default.contents(atPath: "\(directory)/table.json"),
            let table = try? JSONDecoder().decode(Table.self, from: data)
        else { return "<p class=\"missing\">Not made.</p>" }
        let command = (["lacuna", "evaluate"] + made.arguments + ["--output", chapter.name]).joined(separator: " ")
        let minutes = String(format: "%.1f", made.seconds / 60)
        return """
            <p><code>\(command.escaped)</code> (\(minutes) minutes)</p>
            \(table.figures.map(figure).joined(separator: "\n"))
            \(html(of: table.rows))
            """
    }

    private func html(of rows: [[String: StudyTable.Value]]) -> String {
        let shown = rows.filter { row in chapter.rows.allSatisfy { row[$0.key]?.shown == $0.value } }
        let head = chapter.columns.map { "<th>\($0.escaped)</th>" }.joined()
        let body = shown.map { row in
            "<tr>" + chapter.columns.map { "<td>\((row[$0]?.shown ?? "").escaped)</td>" }.joined() + "</tr>"
        }
        return "<table><thead><tr>\(head)</tr></thead>\n<tbody>\n\(body.joined(separator: "\n"))\n</tbody></table>"
    }

    private func figure(_ name: String) -> String {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else { return "" }
        let label = "\(chapter.title): \(name)".escaped
        return "<figure><img alt=\"\(label)\" src=\"data:image/png;base64,\(data.base64EncodedString())\"></figure>"
    }
}

extension StudyTable.Value {
    /// For a person: numbers with three significant places at least.
    fileprivate var shown: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        case .number(let number): abs(number) < 10 ? String(format: "%.3f", number) : String(format: "%.4g", number)
        case .missing: ""
        }
    }
}

extension String {
    /// As text between HTML's tags or quotes.
    fileprivate var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
