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
