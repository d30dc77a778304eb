internal import Diffraction

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
