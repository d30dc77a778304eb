import ArgumentParser
import CommandSupport
import Inpainting
import PublishedNetworks
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
              interpolation  the same, by default with linear, cubic, nearest and biharmonic
              intensity      PCC against the counts of the window, in 20 bins
              oversampling   PCC against pixels per fringe (simulated crystals only)
              position       PCC against the distance of the gap from the Bragg peak
              ablation       the network when it is told more or less than usual, beside kriging
              stride         time and error of whole volumes with a cross, against the pixels that the paper's
                             network skips from patch to patch
            """)

    @Argument(help: "The study.")
    var study: StudyName

    @OptionGroup var output: StudyOutput

    @Option(
        help: ArgumentHelp(
            "A measured scan to draw the windows from, instead of simulated crystals.", valueName: "file"))
    var data: String?

    @Flag(help: "Simulated crystals of relaxed atoms, of nine metals, instead of continuous ones.")
    var atoms = false

    @OptionGroup var stack: StackOptions

    @Option(help: ArgumentHelp("The methods to compare, side by side on the same windows.", valueName: "a,b,…"))
    var methods: CommaSeparated<ComparedMethod>?

    @OptionGroup var models: StudyModels

    @Option(help: ArgumentHelp("Widths of the gaps (default: 3,6,9,12,20,38; stride: 6).", valueName: "pixels,…"))
    var widths: CommaSeparated<Int>?

    @Option(help: ArgumentHelp("Windows for each width (default: 1000; stride: 1).", valueName: "n"))
    var windows: Int?

    @Option(
        help: ArgumentHelp(
            "Simulated crystals over which the windows are spread (default: 48; stride: one for each window).",
            valueName: "n"))
    var volumes: Int?

    @Option(
        help: ArgumentHelp("Share of the windows whose gap is a cross (default: 0.2; stride: 1).", valueName: "share"))
    var crosses: Double?

    @Flag(help: "Gaps of 6 pixels are MAXIPIX seams, whose wide pixels hold the sums of three.")
    var seams = false

    @Option(help: ArgumentHelp("stride: pixels skipped from patch to patch.", valueName: "pixels,…"))
    var skipped = CommaSeparated([0, 1, 2, 4, 8, 16, 30])

    @Option(help: ArgumentHelp("stride: extent of the volumes along each axis.", valueName: "pixels"))
    var extent = 128

    @Option(help: ArgumentHelp("The same seed gives the same crystals and windows.", valueName: "s"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("Also draw one window with a gap of this width as picture.png.", valueName: "pixels"))
    var picture: Int?

    @OptionGroup var catalogue: CatalogueOptions

    func validate() throws {
        guard windows.map({ $0 > 0 }) ?? true else { throw ValidationError("--windows must be above 0") }
        guard volumes.map({ $0 > 0 }) ?? true else { throw ValidationError("--volumes must be above 0") }
        guard crosses.map({ (0...1).contains($0) }) ?? true else {
            throw ValidationError("--crosses must lie in 0 ... 1")
        }
        guard widthsOrDefault.allSatisfy({ (1...44).contains($0) }), widths?.areDistinct ?? true else {
            throw ValidationError("--widths must lie in 1 ... 44, each once")
        }
        guard skipped.values.allSatisfy({ (0...31).contains($0) }), skipped.areDistinct else {
            throw ValidationError("--skipped must lie in 0 ... 31, each once")
        }
        guard (64...512).contains(extent) else { throw ValidationError("--extent must lie in 64 ... 512") }
        let widest = PaperNetwork.widestGap
        guard widthsOrDefault.allSatisfy({ $0 <= widest }) || !comparesPaper else {
            throw ValidationError("the paper's network fills gaps of up to \(widest) pixels: name --widths")
        }
        guard methods?.areDistinct ?? true else { throw ValidationError("--methods: name each one once") }
        guard picture.map({ (1...44).contains($0) }) ?? true else {
            throw ValidationError("--picture must lie in 1 ... 44")
        }
        guard !atoms || data == nil else { throw ValidationError("--atoms and --data exclude each other") }
        guard study != .oversampling || data == nil else {
            throw ValidationError("the oversampling of measured data is not known: leave --data out")
        }
    }

    func run() async throws {
        try await output.write { directory, progress in
            if let data {
                let source = try stack.measuredStack(absolutePath(data), catalogue: catalogue)
                return try await evaluate(source, into: directory, progress: progress)
            }
            let cube = VolumeShape(frames: extent, rows: extent, columns: extent)
            let source =
                study == .stride
                ? SimulatedCrystals(volumes: volumes ?? windows ?? 1, seed: seed, shape: cube, ofAtoms: atoms)
                : SimulatedCrystals(volumes: volumes ?? 48, seed: seed, ofAtoms: atoms)
            return try await evaluate(source, into: directory, progress: progress)
        }
    }

    private func evaluate(
        _ source: some VolumeSource, into directory: String, progress: (String, Int, Int) -> Void
    ) async throws -> StudyReport {
        let scoring = try scoring
        let scores = try scoring.run(source) { progress(study.rawValue, $0, $1) }
        guard let picture else { return StudyReport(study, of: scores) }
        let slices = try WindowPicture(of: source, width: picture, methods: scoring.methods, seed: seed)
        try await slices.draw(to: "\(directory)/picture.png")
        return StudyReport(study, of: scores, pictures: ["picture.png"])
    }

    private var widthsOrDefault: [Int] { widths?.values ?? (study == .stride ? [6] : [3, 6, 9, 12, 20, 38]) }

    private var comparesPaper: Bool { study == .stride || methods?.values.contains(.paper) ?? false }

    private var scoring: WindowScoring {
        get throws {
            var scoring = WindowScoring(methods: try studyMethods())
            scoring.widths = widthsOrDefault
            scoring.windows = windows ?? 1000
            scoring.crosses = crosses ?? 0.2
            scoring.hasSeams = seams
            scoring.seed = seed
            guard study == .stride else { return scoring }
            scoring.windows = windows ?? 1
            scoring.crosses = crosses ?? 1
            scoring.shape = VolumeShape(frames: extent, rows: extent, columns: extent)
            // Most of a whole volume is dark; and its time is that of all cores.
            scoring.signalShare = 0.01
            scoring.batch = 1
            return scoring
        }
    }

    private func studyMethods() throws -> [StudyMethod] {
        if study == .stride {
            let paper = try models.paper
            let skipping = skipped.values.map { pixels in
                StudyMethod(
                    "paper skipping \(pixels)", PaperFiller(model: paper, skippedPixels: pixels), skippedPixels: pixels)
            }
            let others = (methods?.values ?? [.kriging, .network]).filter { $0 != .paper }
            return skipping + (try others.map { try $0.studyMethod(models) })
        }
        if study == .ablation {
            return [StudyMethod("kriging", Kriging())] + StudyMethod.ablations(of: try models.network)
        }
        let standard: [ComparedMethod] =
            study == .interpolation ? [.linear, .cubic, .nearest, .biharmonic] : [.linear, .kriging]
        return try (methods?.values ?? standard).map { try $0.studyMethod(models) }
    }
}
