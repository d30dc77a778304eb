import ArgumentParser
import CommandSupport
import Diffraction
import Studies

struct RealSpaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "real-space",
        abstract: "What gaps, and their filling, do to the reconstructed crystal.",
        discussion: """
            Simulated crystals with known truth. First their patterns, with gaps of zeros and filled by every method, are \
            transformed back with the true phases; then the phases are retrieved, with the gap at zero, left free, \
            filled, and bounded by the last method's fill and uncertainty until the object is found, within the known \
            support and with shrink-wrap. Errors of modulus, phase, displacement and strain are those of 400 nm of platinum at 111.

            With --data, a cross is hidden in a measured scan instead, a box around whose peak was counted without gaps. \
            The pattern of what is reconstructed is compared with the hidden counts, and the starts with each other.

            Crystals may be measured with flaws: a beam that is coherent only in part (--blur), background and drift.
            --correct tells phase retrieval the background and has it find the blur (Clark et al. 2012).
            """)

    enum Part: String, ExpressibleByArgument, CaseIterable {
        case all
        case truePhases = "true-phases"
        case phasing
    }

    @OptionGroup var output: StudyOutput

    @Option(help: ArgumentHelp("A measured scan to hide the gaps in, instead of crystals.", valueName: "file"))
    var data: String?

    @OptionGroup var stack: StackOptions

    @OptionGroup var catalogue: CatalogueOptions

    @Option(help: "Which part of the study to make.")
    var part = Part.all

    @Option(
        help: ArgumentHelp("The methods to compare; the last one's fill also serves as bounds.", valueName: "a,b,…"))
    var methods = CommaSeparated<ComparedMethod>([.linear, .kriging, .network])

    @OptionGroup var models: StudyModels

    @Option(help: ArgumentHelp("Number of crystals.", valueName: "n"))
    var crystals = 10

    @Option(help: ArgumentHelp("Extents of the patterns with true phases.", valueName: "voxels"))
    var size = 96

    @Option(help: ArgumentHelp("Widths of the gaps there.", valueName: "pixels,…"))
    var widths = CommaSeparated([3, 6, 9, 12, 38])

    @Option(help: ArgumentHelp("Extents of the patterns with phase retrieval.", valueName: "voxels"))
    var phasingSize = 64

    @Option(help: ArgumentHelp("Widths of the gaps there.", valueName: "pixels,…"))
    var phasingWidths = CommaSeparated([6, 12])

    @Option(
        help: ArgumentHelp("Pixels between the Bragg peak and the gap; several with --data.", valueName: "pixels,…"))
    var distance = CommaSeparated([6])

    @Option(help: ArgumentHelp("Counts at the peak.", valueName: "peak"))
    var counts = 1e6

    @Option(help: ArgumentHelp("Pixels per fringe, from and to.", valueName: "from,to"))
    var oversampling = CommaSeparated([3.0, 5.0])

    @Option(help: ArgumentHelp("Greatest range of the phase in a crystal; 0 for perfect ones.", valueName: "radians"))
    var strain = 6.28

    @Option(help: ArgumentHelp("Random starts of each phase retrieval, the best of which counts.", valueName: "n"))
    var starts = 4

    @Option(
        help: ArgumentHelp(
            "With --data: how many of the starts count, those that tell most of the voxels held out; else all.",
            valueName: "k"))
    var keep: Int?

    @Option(
        help: ArgumentHelp(
            "Pixels by which crystals' patterns are blurred, as partial coherence does.", valueName: "s.d."))
    var blur = 0.0

    @Option(
        help: ArgumentHelp(
            "Counts per voxel from elsewhere; phase retrieval is told with --correct.", valueName: "counts"))
    var background: Float = 0

    @Option(help: ArgumentHelp("Drift and flicker of the beam on crystals, frame by frame.", valueName: "share"))
    var drift = 0.0

    @Option(help: ArgumentHelp("Voxels by which the known support is too large.", valueName: "n"))
    var supportMargin = 0

    @Flag(help: "Phase retrieval knows the background and finds the blur of partial coherence.")
    var correct = false

    @Option(help: ArgumentHelp("Half the width of the bounds, in stated uncertainties.", valueName: "k"))
    var sigmas: Float = 2

    @Option(help: ArgumentHelp("The same seed gives the same crystals.", valueName: "s"))
    var seed: UInt64 = 0

    func validate() throws {
        guard crystals > 0 else { throw ValidationError("--crystals must be above 0") }
        guard starts > 0 else { throw ValidationError("--starts must be above 0") }
        guard counts > 0 else { throw ValidationError("--counts must be above 0") }
        guard sigmas > 0 else { throw ValidationError("--sigmas must be above 0") }
        guard strain >= 0 else { throw ValidationError("--strain must not be below 0") }
        guard oversampling.values.count == 2, oversampling.values[0] >= 1.5,
            oversampling.values[0] <= oversampling.values[1]
        else { throw ValidationError("--oversampling must be two numbers from 1.5 on, in order") }
        guard methods.areDistinct else { throw ValidationError("--methods: name each one once") }
        guard (keep ?? 1) >= 1, (keep ?? starts) <= starts else {
            throw ValidationError("--keep must lie in 1 ... --starts")
        }
        guard keep == nil || data != nil else { throw ValidationError("--keep needs --data") }
        guard (0...2).contains(blur) else { throw ValidationError("--blur must lie in 0 ... 2") }
        guard background >= 0 else { throw ValidationError("--background must not be below 0") }
        guard (0...0.3).contains(drift) else { throw ValidationError("--drift must lie in 0 ... 0.3") }
        guard (0...8).contains(supportMargin) else { throw ValidationError("--support-margin must lie in 0 ... 8") }
        guard data == nil || (blur == 0 && drift == 0 && supportMargin == 0) else {
            throw ValidationError("--blur, --drift and --support-margin are for crystals, not for --data")
        }
        guard distance.areDistinct, data != nil || distance.values.count == 1 else {
            throw ValidationError("--distance must be one number without --data, and else each once")
        }
        for distance in distance.values {
            if data == nil { try Self.validate("--size", size, "--widths", widths, distance: distance) }
            try Self.validate("--phasing-size", phasingSize, "--phasing-widths", phasingWidths, distance: distance)
        }
    }

    private static func validate(
        _ sizeName: String, _ size: Int, _ widthsName: String, _ widths: CommaSeparated<Int>, distance: Int
    ) throws {
        guard (32...256).contains(size), size.isMultiple(of: 2) else {
            throw ValidationError("\(sizeName) must be even and lie in 32 ... 256")
        }
        guard distance >= 1 else { throw ValidationError("--distance must be above 0") }
        // Some measured pixels have to lie beyond the gap, too.
        let widest = size / 2 - distance - 3
        guard widths.values.allSatisfy({ (1...min(44, max(1, widest))).contains($0) }), widths.areDistinct else {
            throw ValidationError("\(widthsName) must lie in 1 ... \(min(44, max(1, widest))), each once")
        }
    }

    func run() async throws {
        if let data { return try await evaluate(data) }
        try await output.write { _, progress in
            var study = RealSpaceStudy(
                methods: try methods.values.map { try $0.studyMethod(models) })
            study.crystals = crystals
            study.size = size
            study.widths = widths.values
            study.phasingSize = phasingSize
            study.phasingWidths = phasingWidths.values
            study.distance = distance.values[0]
            study.peakCounts = counts
            study.oversampling = oversampling.values[0]...oversampling.values[1]
            study.strain = strain
            study.starts = starts
            (study.flaws.blur, study.flaws.background, study.flaws.drift) = (blur, background, drift)
            (study.supportMargin, study.correctsCoherence) = (supportMargin, correct)
            study.sigmas = sigmas
            study.seed = seed
            var scores: [RealSpaceScore] = []
            if part != .phasing {
                scores += study.scoresWithTruePhases { progress("true phases", $0, $1) }
            }
            if part != .truePhases {
                scores += study.scoresOfPhaseRetrieval { progress("phasing", $0, $1) }
            }
            return RealSpaceReport(study, scores: scores)
        }
    }

    private func evaluate(_ data: String) async throws {
        try await output.write { _, progress in
            let source = try stack.measuredStack(absolutePath(data), catalogue: catalogue)
            var study = MeasuredPhasingStudy(methods: try methods.values.map { try $0.studyMethod(models) })
            (study.size, study.widths, study.distances) = (phasingSize, phasingWidths.values, distance.values)
            (study.keptStarts, study.correctsCoherence) = (keep ?? starts, correct)
            study.background = correct ? background : 0
            (study.starts, study.sigmas, study.seed) = (starts, sigmas, seed)
            let scores = try study.scores(source) { progress("phasing", $0, $1) }
            return MeasuredPhasingReport(study, source: source.name, scores: scores)
        }
    }
}
