public import Volume

/// A simulated rocking scan of one crystal: expected and counted photons, with the truth known.
///
/// Frames are computed when asked for, in any order and from any thread, and are always the same for the same
/// parameters: a writer can stream a scan that would not fit into memory.
///
/// - Note: The same seed gives the same bytes on the same machine. Processors with other vector units may differ in
///   the last bit of an expectation, and so in rare counts.
public struct ScanSimulation: Sendable {
    public let parameters: ScanParameters
    /// The crystal that is in the beam, as it is oriented.
    public let crystal: Crystal
    private let pattern: DiffractionPattern
    /// Counts per unit of the pattern's intensity.
    private let scale: Double

    /// Independent random streams below the seed.
    private enum Stream {
        static let crystal: UInt64 = 1
        static let object: UInt64 = 2
        static let photons: UInt64 = 3
    }

    /// Simulates a crystal of a family.
    ///
    /// - Parameters:
    ///   - atoms: what it is made of; nil takes a body without atoms.
    ///   - orientation: nil takes a random one.
    public init(
        _ family: CrystalFamily, atoms: AtomicModel? = nil, orientation: Rotation? = nil, parameters: ScanParameters
    ) {
        var generator = SeededGenerator(seed: parameters.seed, stream: Stream.crystal)
        let crystal = family.crystal(using: &generator)
        let rotation = orientation ?? Rotation(using: &generator)
        guard let atoms else {
            self.init(crystal.rotated(by: rotation), parameters: parameters)
            return
        }
        self.init(
            atoms.relaxedCrystal(crystal, orientation: rotation, interface: family.interface, for: parameters),
            reflection: atoms.reflection, orientation: rotation, parameters: parameters)
    }

    /// Simulates a given crystal; only its form and orientation count, its size follows from the oversampling.
    ///
    /// - Precondition: the oversampling is at least 1.5 along each axis, shape and counts are positive.
    public init(_ crystal: Crystal, parameters: ScanParameters) {
        self.init(crystal, parameters: parameters, sampling: .fine) { normalized, lattice, generator in
            CrystalObject(crystal: normalized, on: lattice, imperfections: .init(parameters), using: &generator)
        }
    }

    /// Simulates atoms: the kinematic sum over all of them, right to 1e-4 of the amplitude at the peak.
    ///
    /// Within the array; where that reaches farther than 250 pixels from the peak, sums fade out as the pattern of any
    /// other crystal does. Scattering factors and thermal motion hardly change over the extent of one peak and are left
    /// out. Of the parameters' imperfections only `strain` counts, as a smooth distortion of the lattice beside that of
    /// the relaxed atoms: density, facets and roughness are the atoms' own.
    ///
    /// - Parameters:
    ///   - atoms: in their cubic axes; the size of their form's bounding box follows from the oversampling.
    ///   - reflection: the Miller indices of the Bragg peak.
    ///   - orientation: turns the cubic axes to (frame, row, column).
    /// - Precondition: as for a crystal; there is at least one atom.
    public init(
        _ atoms: AtomicCrystal, reflection: SIMD3<Double> = SIMD3(1, 1, 1), orientation: Rotation,
        parameters: ScanParameters
    ) {
        precondition(!atoms.sites.isEmpty, "a crystal without atoms")
        var parameters = parameters
        parameters.roughness = 0
        let crystal = atoms.form.rotated(by: orientation)
        self.init(crystal, parameters: parameters, sampling: .atoms) { _, lattice, generator in
            let scatterers = Scatterers(atoms, reflection: reflection, orientation: orientation, crystal: crystal)
            let field = RandomField(on: lattice, correlationLength: parameters.strainLength, using: &generator)
            return CrystalObject(scatterers.strained(by: field, range: parameters.strain), on: lattice)
        }
    }

    /// - Parameter object: makes the normalized crystal's object on a lattice.
    private init(
        _ crystal: Crystal, parameters: ScanParameters, sampling: PatternWindow.Sampling,
        object: (_ normalized: Crystal, ObjectLattice, inout SeededGenerator) -> CrystalObject
    ) {
        precondition(parameters.shape.count > 0, "a scan of \(parameters.shape)")
        precondition(parameters.oversampling.min() >= 1.5, "an oversampling of \(parameters.oversampling)")
        self.parameters = parameters
        self.crystal = crystal
        let normalized = crystal.normalized
        let window = PatternWindow(parameters, extents: normalized.extents, sampling: sampling)
        var generator = SeededGenerator(seed: parameters.seed, stream: Stream.object)
        let object = object(normalized, window.lattice, &generator)
        pattern = DiffractionPattern(of: object, window: window, parameters: parameters)
        scale = Self.scale(of: pattern, for: parameters.brightness)
    }

    /// One frame of the scan.
    ///
    /// - Parameter index: 0 ..< `parameters.shape.frames`.
    public func frame(_ index: Int) -> SimulatedFrame {
        precondition((0..<parameters.shape.frames).contains(index), "frame \(index) of \(parameters.shape)")
        let (scale, background) = (Float(scale), Float(parameters.background))
        var generator = SeededGenerator(seed: parameters.seed, stream: Stream.photons, UInt64(index))
        let noiseFree = pattern.intensity(frame: index).map { $0 * scale + background }
        return SimulatedFrame(noiseFree: noiseFree, counts: noiseFree.map { generator.poisson(mean: Double($0)) })
    }

    /// Several frames, computed on all cores.
    public func frames(_ range: Range<Int>) -> [SimulatedFrame] {
        concurrentMap(range) { frame($0) }
    }

    /// The whole scan, (frame, slow, fast): expected counts and photons counted.
    public func volumes() -> (noiseFree: Volume<Float>, counts: Volume<UInt32>) {
        var noiseFree = Volume<Float>(shape: parameters.shape, repeating: 0)
        var counts = Volume<UInt32>(shape: parameters.shape, repeating: 0)
        let size = parameters.shape.frame.count
        noiseFree.storage.withUnsafeMutableBufferPointer { noiseFree in
            counts.storage.withUnsafeMutableBufferPointer { counts in
                onAllCores(parameters.shape.frames) { index in
                    let frame = frame(index)
                    let range = index * size..<(index + 1) * size
                    _ = noiseFree[range].update(fromContentsOf: frame.noiseFree)
                    _ = counts[range].update(fromContentsOf: frame.counts)
                }
            }
        }
        return (noiseFree, counts)
    }

    /// What the pattern must be multiplied by to have the brightness asked for.
    private static func scale(of pattern: DiffractionPattern, for brightness: ScanParameters.Brightness) -> Double {
        let (asked, found) =
            switch brightness {
            case .peak(let counts):
                (counts, concurrentMap(framesNearPeak(pattern.parameters)) { pattern.brightest(frame: $0) }.max())
            case .total(let counts):
                (counts, concurrentMap(0..<pattern.parameters.shape.frames) { pattern.total(frame: $0) }.reduce(0, +))
            }
        guard let found, found > 0 else { return 0 }
        return asked / found
    }

    /// The frames among which the brightest voxel is: a strained crystal scatters most at its commonest phase
    /// gradient, which is a few fringes away from the mean one at the very most.
    private static func framesNearPeak(_ parameters: ScanParameters) -> Range<Int> {
        let fringes = 3 + 0.5 * abs(parameters.strain) / parameters.strainLength
        let reach = fringes * parameters.oversampling.x
        let all = 0..<parameters.shape.frames
        let near = Int((parameters.peak.x - reach).rounded(.down))..<Int((parameters.peak.x + reach).rounded(.up)) + 1
        return near.overlaps(all) ? near.clamped(to: all) : all
    }
}

extension CrystalObject.Imperfections {
    init(_ parameters: ScanParameters) {
        self.init(
            strain: parameters.strain, strainLength: parameters.strainLength, modulusNoise: parameters.modulusNoise,
            modulusNoiseLength: parameters.modulusNoiseLength, relaxation: parameters.relaxation, relaxationLength: 0.08
        )
    }
}

/// What a simulated rocking scan looks like; axes in the order (frame, row, column).
///
/// The defaults describe a good measurement of a metal particle with a photon-counting detector.
public struct ScanParameters: Hashable, Sendable {
    /// How many photons the pattern has, the background not counted.
    public enum Brightness: Hashable, Sendable {
        /// Expected counts in the brightest voxel.
        case peak(Double)
        /// Expected counts in the whole volume.
        case total(Double)
    }

    public var shape: VolumeShape
    /// Fringe period in pixels along each axis: array extent over object extent. At least 1.5.
    public var oversampling: SIMD3<Double>
    public var brightness: Brightness
    public var seed: UInt64
    /// Where the Bragg peak lies, in voxels; fractions count. The middle by default.
    public var peak: SIMD3<Double>
    /// Expected counts per voxel that do not come from the crystal.
    public var background = 0.02

    /// Peak-to-valley range in radians of the phase Q·u inside the crystal; 0 for a perfect crystal.
    public var strain = 1.5
    /// Correlation length of the phase, in units of the crystal's size.
    public var strainLength = 0.35
    /// Share of the phase, 0 to 1, that comes from relaxed facets and not from the bulk.
    public var relaxation = 0.4
    /// Standard deviation of the electron density inside the crystal, relative to its mean.
    public var modulusNoise = 0.03
    /// Correlation length of that noise, in units of the crystal's size.
    public var modulusNoiseLength = 0.06
    /// Root mean square roughness of the facets, in units of the crystal's size: it lets the streaks die out.
    public var roughness = 0.004

    /// By how many rows the pattern moves with each frame: the shear of a rocking scan's sampling.
    public var rowsPerFrame = 0.0
    /// Standard deviation in pixels of a Gaussian that blurs each frame: partial coherence and the detector's spread.
    /// It lowers the visibility of the fringes to what measurements show.
    public var blur = 0.5

    public init(
        shape: VolumeShape, oversampling: SIMD3<Double>, brightness: Brightness = .peak(1e5), seed: UInt64 = 0
    ) {
        self.shape = shape
        self.oversampling = oversampling
        self.brightness = brightness
        self.seed = seed
        peak = SIMD3(Double(shape.frames / 2), Double(shape.rows / 2), Double(shape.columns / 2))
    }

    /// The same oversampling along all three axes.
    public init(shape: VolumeShape, oversampling: Double, brightness: Brightness = .peak(1e5), seed: UInt64 = 0) {
        self.init(shape: shape, oversampling: SIMD3(repeating: oversampling), brightness: brightness, seed: seed)
    }
}

/// One detector image of a simulated scan, in row-major order (slow, fast).
public struct SimulatedFrame: Hashable, Sendable {
    /// Expected counts, the background included.
    public var noiseFree: [Float]
    /// Photons counted: a Poisson deviate of each expectation.
    public var counts: [UInt32]
}
