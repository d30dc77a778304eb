internal import Detectors
internal import Diffraction
public import Inpainting
internal import Volume
internal import WorkMessages

/// A question that scored windows answer, as a table and figures.
///
/// Studies share their windows: one only says what it tells of them. A new one is a type of its own and a case of
/// ``StudyName``.
public protocol Study: Sendable {
    /// The figures in numbers; its rows state everything but what holds for the whole run.
    func table(of scores: WindowScores) -> StudyTable

    /// The figures drawn.
    func figures(of scores: WindowScores) -> [Figure]
}

/// The studies by the names that the command line knows.
public enum StudyName: String, CaseIterable, Sendable {
    /// PCC against gap width: the paper's table 1.
    case patches
    /// The same with the interpolations of the paper's figures 3 and 4.
    case interpolation
    /// PCC against the counts of the window: the paper's figure 5.
    case intensity
    /// PCC against pixels per fringe: the paper's figure 6.
    case oversampling
    /// PCC against the distance of the gap from the Bragg peak: the thesis' figure 4.6.
    case position
    /// What the network makes of it when it is told more, or less.
    case ablation
    /// Time and error against the pixels that the paper's network skips: the thesis' figure 4.13.
    case stride

    public var study: any Study {
        switch self {
        case .patches, .interpolation, .ablation: PatchStudy()
        case .intensity: IntensityStudy()
        case .oversampling: OversamplingStudy()
        case .position: PositionStudy()
        case .stride: StrideStudy()
        }
    }
}

/// A way of filling gaps that takes part in a study, under the name by which the tables call it.
public struct StudyMethod: Sendable {
    /// The name of the noise-free truth where it is scored as if it were a fill: no method can be expected to do better.
    public static let oracle = "oracle"

    public var name: String
    public var filler: any GapFiller
    /// Pixels between one place of its patch and the next; `nil` where it is no matter of patches.
    public var skippedPixels: Int?
    /// Whether it is shown what was counted at the Friedel mates.
    public var seesFriedelMates = false

    public init(_ name: String, _ filler: any GapFiller, skippedPixels: Int? = nil) {
        self.name = name
        self.filler = filler
        self.skippedPixels = skippedPixels
    }

    /// Lets it fill a block; sums that it does not use itself scale what it filled.
    ///
    /// - Parameter mirror: the Friedel mates.
    func fill(_ block: FrameBlock, mirror: BraggMirror? = nil) -> FrameBlock {
        var filled = block
        if seesFriedelMates { filled.mirror = mirror }
        filler.fill(&filled)
        if let failure = filler.failure { preconditionFailure("\(name) cannot fill: \(failure)") }
        if !filler.usesSums { MeasuredSums(of: block).conserve(&filled.data.storage) }
        return filled
    }
}

extension StudyMethod {
    /// The network when it is told more or less than usual.
    ///
    /// What is withheld is empty, which the network has never seen but for the Friedel mates: the loss tells how
    /// far it relies on that, an upper limit of what it is worth to one that had learnt to do without.
    public static func ablations(of model: GapModel) -> [StudyMethod] {
        func without(_ channel: TileFeatures.Channel, _ name: String) -> StudyMethod {
            StudyMethod("network without \(name)", NetworkFiller(model: model, withheld: [channel]))
        }
        var both = StudyMethod("network with the other side", NetworkFiller(model: model))
        both.seesFriedelMates = true
        return [
            StudyMethod("network", NetworkFiller(model: model)), both,
            StudyMethod("network, four mirror images", NetworkFiller(model: model, quality: .best)),
            without(.gap, "the mask"), without(.background, "the photon scale"),
            without(.deviation, "kriging's deviation"), without(.fringes, "kriging's fringes"),
        ]
    }
}

/// Windows of a run that are looked at together.
struct WindowSubset: Sendable {
    /// As the tables call it.
    var name: String
    var contains: @Sendable (ScoredWindow) -> Bool

    /// From this oracle PCC on, photon noise is no excuse.
    private static let clearOracle = 0.995
    /// From this many pixels per fringe on, along every axis, fringes are well resolved.
    private static let wellSampled = 4.0

    static let all = WindowSubset(name: "all") { _ in true }

    /// One for each brightness class.
    static let brightness = BrightnessClass.allCases.map { brightness in
        WindowSubset(name: "brightness \(brightness.rawValue)") { $0.brightnessClass == brightness }
    }

    /// Bright and well-sampled simulated windows: where what is missing is the method's own fault.
    static let clear = WindowSubset(name: "oracle>=0.995 oversampling>=4") { window in
        guard let oracle = window.oracle, let traits = window.traits else { return false }
        return oracle >= clearOracle && traits.oversampling.min() >= wellSampled
    }

    /// One for each family among the windows: that which a network never saw in training is the one to look at.
    static func families(of windows: [ScoredWindow]) -> [WindowSubset] {
        let present = Set(windows.compactMap { $0.traits?.family.rawValue })
        return present.sorted().map { family in
            WindowSubset(name: "crystal \(family)") { $0.traits?.family.rawValue == family }
        }
    }
}

/// Why a study cannot be made.
public enum StudyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The scan has no place for any window that a study asks for.
    case noWindow(source: String, reason: String)
    /// gnuplot is not installed.
    case gnuplotMissing
    /// gnuplot could not draw a figure.
    case figureFailed(path: String, message: String)
    /// The network cannot be trained on this machine.
    case trainingFailed(String)
    /// A table or a figure cannot be written.
    case notWritable(path: String, problem: String)

    public var description: String {
        switch self {
        case .noWindow(let source, let reason): "\(source): no window can be scored: \(reason)"
        case .gnuplotMissing: "gnuplot draws the figures and is not installed: apt-get install gnuplot-nox"
        case .figureFailed(let path, let message): "\(path): gnuplot failed: \(message)"
        case .trainingFailed(let reason): "the network cannot be trained: \(reason)"
        case .notWritable(let path, let problem): "\(path): cannot be written: \(problem)"
        }
    }
}
