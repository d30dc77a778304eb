import ArgumentParser
import Beamline
import Detectors
import Foundation
import Inpainting
import ScanFiles
import Studies
import Volume

struct WindowStudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "windows",
        abstract: "Gaps in windows where everything was counted: the default.",
        discussion: """
            Gaps are hidden in windows where everything was counted, filled by every method, and compared with what was \
            counted there. Windows are from simulated crystals, or from the gap-free regions of a scan (--data). Writes \
            table.csv, table.json and figures (PNG, drawn by gnuplot) into a directory.

            STUDIES
              patches        PCC against gap width, also by brightness and crystal
              interpolation  the same, by default with linear, cubic and nearest
              intensity      PCC against the counts of the window, in 20 bins
              oversampling   PCC against pixels per fringe (simulated crystals only)
              position       PCC against the distance of the gap from the Bragg peak
            """)

    @Argument(help: "The study.")
    var study: StudyName

    @Option(help: ArgumentHelp("The directory to write into; it is made where it is missing.", valueName: "dir"))
    var output: String

    @Option(
        help: ArgumentHelp(
            "A measured scan to draw the windows from, instead of simulated crystals.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("The methods to compare, side by side on the same windows.", valueName: "a,b,…"))
    var methods: CommaSeparated<FillMethod>?

    @Option(help: ArgumentHelp("The network's weights (default: those that ship).", valueName: "file"))
    var model: String?

    @Option(help: "How much time the network takes.")
    var quality = FillQuality.standard

    @Option(help: ArgumentHelp("Widths of the gaps.", valueName: "pixels,…"))
    var widths = CommaSeparated([3, 6, 9, 12, 20, 38])

    @Option(help: ArgumentHelp("Windows for each width.", valueName: "n"))
    var windows = 1000

    @Option(help: ArgumentHelp("Simulated crystals over which the windows are spread.", valueName: "n"))
    var volumes = 48

    @Option(help: ArgumentHelp("Share of the windows whose gap is a cross.", valueName: "share"))
    var crosses = 0.2

    @Option(help: ArgumentHelp("The same seed gives the same crystals and windows.", valueName: "s"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Also draw one window with a gap of this width as picture.png.", valueName: "pixels"))
    var picture: Int?

    @OptionGroup var catalogue: CatalogueOptions
    @Flag(help: "Print one JSON object: that of table.json.")
    var json = false

    func validate() throws {
        guard windows > 0 else { throw ValidationError("--windows must be above 0") }
        guard volumes > 0 else { throw ValidationError("--volumes must be above 0") }
        guard (0...1).contains(crosses) else { throw ValidationError("--crosses must lie in 0 ... 1") }
        guard widths.values.allSatisfy({ (1...44).contains($0) }), widths.areDistinct else {
            throw ValidationError("--widths must lie in 1 ... 44, each once")
        }
        guard methods?.areDistinct ?? true else { throw ValidationError("--methods: name each one once") }
        guard picture.map({ (1...44).contains($0) }) ?? true else {
            throw ValidationError("--picture must lie in 1 ... 44")
        }
        guard study != .oversampling || data == nil else {
            throw ValidationError("the oversampling of measured data is not known: leave --data out")
        }
    }

    func run() async throws {
        do {
            try await Gnuplot.requirePresence()
            let directory = absolutePath(output)
            try StudyDirectory.create(directory)
            if let data {
                try await evaluate(try stack.measuredStack(absolutePath(data), catalogue: catalogue), into: directory)
            } else {
                try await evaluate(SimulatedCrystals(volumes: volumes, seed: seed), into: directory)
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    private func evaluate(_ source: some VolumeSource, into directory: String) async throws {
        var scoring = WindowScoring(methods: try studyMethods())
        scoring.widths = widths.values
        scoring.windows = windows
        scoring.crosses = crosses
        scoring.seed = seed
        var bar = ProgressBar()
        defer { bar.clear() }
        let scores = try scoring.run(source) { bar.show(stage: study.rawValue, done: $0, total: $1) }
        var extra: [String] = []
        if let picture {
            let slices = try WindowPicture(of: source, width: picture, methods: scoring.methods, seed: seed)
            try await slices.draw(to: "\(directory)/picture.png")
            extra.append("picture.png")
        }
        var report = StudyReport(study, of: scores)
        try await report.write(to: directory, extra: extra)
        bar.clear()
        if json { try printJSON(report) } else { report.show(in: directory) }
    }

    private func studyMethods() throws -> [StudyMethod] {
        let standard: [FillMethod] = study == .interpolation ? [.linear, .cubic, .nearest] : [.linear, .kriging]
        return try StudyMethod.list(methods?.values ?? standard, quality: quality, model: model)
    }
}

extension StudyReport {
    /// Prints the means and where the rest stands, for a person.
    fileprivate func show(in directory: String) {
        for remark in remarks { print(remark) }
        for line in summary { print(line) }
        print((["table.csv", "table.json"] + figures).map { "\(directory)/\($0)" }.joined(separator: "\n"))
    }
}
