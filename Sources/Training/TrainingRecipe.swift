public import Diffraction
public import Inpainting
public import NeuralNetwork
public import PublishedNetworks
public import Settings
public import Volume

/// How a network is trained, read from a YAML file; the same recipe gives the same weights.
public struct TrainingRecipe: Sendable, Hashable {
    /// Patches of one shape that make up a step.
    public struct Batch: Sendable, Hashable {
        /// (frame, row, column).
        public var shape: VolumeShape
        /// How much of that the network sees, around the gap, such that it can work on it.
        public var seen: VolumeShape
        public var patches: Int
        public var gaps: GapLayout.Class
        /// How many of the steps are of this kind, in proportion to the others'.
        public var share: Int
    }

    /// How numbers are stored while the network computes.
    public enum Arithmetic: String, CaseIterable, Sendable {
        /// bfloat16 where the processor has instructions for it, else float32.
        case automatic = "auto"
        case float32
        case bfloat16

        var precision: Precision {
            switch self {
            case .automatic: .automatic
            case .float32: .float32
            case .bfloat16: .bfloat16
            }
        }
    }

    /// What network is trained.
    public enum Architecture: Sendable, Hashable {
        /// The one that corrects kriging, and the weight of its uncertainty in the loss.
        case lacuna(GapNetwork, uncertaintyWeight: Double)
        /// The paper's, which learns by the paper's loss.
        case paper
        /// One of the thesis' for images, which learn from two-dimensional particles.
        case planar(PlanarNetwork, loss: ImageLoss)

        /// The word of the file.
        enum Name: String, CaseIterable {
            case lacuna
            case paper
            case unet
            case msdNet = "msd-net"
            case modifiedUNet = "modified-unet"
        }

        var learnsFromCrystals: Bool {
            if case .planar = self { false } else { true }
        }

        /// What is wrong with the extents of a patch, in words; `nil` where the network can work on them.
        func complaint(about extents: [Int]) -> String? {
            if case .planar = self {
                let multiple = PlanarNetwork.extentMultiple
                let fit = extents[0] == 1 && extents[1] == extents[2] && extents[1].isMultiple(of: multiple)
                return fit ? nil : "expected 1 and a square of multiples of \(multiple), found \(extents)"
            }
            let multiple = self == .paper ? PaperNetwork.extentMultiple : GapNetwork.extentMultiple
            let fit = extents.allSatisfy { $0 >= 16 && $0.isMultiple(of: multiple) }
            return fit ? nil : "expected multiples of \(multiple) from 16 on, found \(extents)"
        }
    }

    public var name: String
    public var seed: UInt64
    public var architecture: Architecture
    /// The crystals to learn from.
    public var families: [CrystalFamily]
    /// Share of the patches that come with the Friedel mates.
    public var mirroredShare: Double
    /// Whether patches have more of what measured scans have: see ``PatchRecipe/varyMore()``.
    public var isVaried: Bool
    /// A file of weights to start from instead of random ones, relative to the working directory.
    public var start: String?
    public var precision: Arithmetic
    public var steps: Int
    public var learningRate: Double
    public var warmUpSteps: Int
    /// The last steps, over which the learning rate falls to nothing.
    public var coolDownSteps: Int
    /// Over how many steps the weights are averaged.
    public var averageSteps: Int
    /// The largest norm of a gradient; longer ones are shortened to it.
    public var clipNorm: Double
    public var batches: [Batch]
    public var validation: Validation
    public var checkpointMinutes: Double

    public struct Validation: Sendable, Hashable {
        public var everySteps: Int
        public var windows: Int
        public var widths: [Int]
    }

    /// - Throws: `SettingsError` with file, line and key.
    public init(contentsOf file: String) throws(SettingsError) {
        let document = try SettingsValue(contentsOf: file)
        self = try document.mapping { (keys: inout SettingsMapping) throws(SettingsError) in
            _ = try keys.required("version").integer(in: 1...1)
            return try TrainingRecipe(&keys)
        }
    }

    private init(_ keys: inout SettingsMapping) throws(SettingsError) {
        name = try keys.required("name").string()
        seed = UInt64(try keys.required("seed").integer())
        architecture = try Self.architecture(&keys)
        families = CrystalFamily.allCases
        mirroredShare = 0.5
        isVaried = false
        if architecture.learnsFromCrystals {
            if let value = keys["families"] { families = try Self.families(value) }
            mirroredShare = try keys["mirrored_share"]?.number(in: 0...1) ?? mirroredShare
            isVaried = try keys["varied"]?.boolean() ?? isVaried
        }
        start = try keys["start"]?.string()
        precision = try keys["precision"]?.choice() ?? .automatic
        steps = try keys.required("steps").integer(in: 1...100_000_000)
        learningRate = try keys.required("learning_rate").number(in: 1e-8...1)
        warmUpSteps = try keys["warm_up_steps"]?.integer() ?? 0
        coolDownSteps = try keys["cool_down_steps"]?.integer(in: 0...steps) ?? 0
        averageSteps = try keys["average_steps"]?.integer(in: 1...1_000_000) ?? 1
        clipNorm = try keys["clip_norm"]?.number(in: 1e-6...1e9) ?? 1
        checkpointMinutes = try keys["checkpoint_minutes"]?.number(in: 0.01...1e6) ?? 10
        let list = try keys.required("batches")
        batches = []
        for value in try list.list() {
            batches.append(try Self.batch(value, architecture))
        }
        guard !batches.isEmpty else { throw list.error("no step is left to make") }
        // The network is scored on images of the size it learns from, with measured pixels on both sides.
        let widest = architecture.learnsFromCrystals ? 44 : min(44, batches.largestExtent - 2)
        validation = try keys.required("validation").mapping {
            (keys: inout SettingsMapping) throws(SettingsError) in
            var widths: [Int] = []
            for value in try keys.required("widths").list() { widths.append(try value.integer(in: 1...widest)) }
            return Validation(
                everySteps: try keys.required("every_steps").integer(in: 1...10_000_000),
                windows: try keys.required("windows").integer(in: 1...10_000), widths: widths)
        }
    }

    /// The network's keys; those of ours are unknown where another one is trained.
    private static func architecture(_ keys: inout SettingsMapping) throws(SettingsError) -> Architecture {
        let name: Architecture.Name = try keys["architecture"]?.choice() ?? .lacuna
        let planar: PlanarNetwork
        switch name {
        case .lacuna: return try gapNetwork(&keys)
        case .paper: return .paper
        case .unet: planar = .unet
        case .msdNet: planar = .msdNet
        case .modifiedUNet: planar = .modifiedUNet
        }
        return .planar(planar, loss: try keys["loss"]?.choice() ?? .thesis)
    }

    private static func gapNetwork(_ keys: inout SettingsMapping) throws(SettingsError) -> Architecture {
        let network = try keys["network"].map { value throws(SettingsError) in try Self.network(value) }
        return .lacuna(
            network ?? GapNetwork(),
            uncertaintyWeight: try keys["uncertainty_weight"]?.number(in: 0...100) ?? 0.1)
    }

    private static func network(_ value: SettingsValue) throws(SettingsError) -> GapNetwork {
        try value.mapping { (keys: inout SettingsMapping) throws(SettingsError) in
            GapNetwork(
                channels: try integers(keys.required("channels"), in: 8...1024),
                blocks: try integers(keys.required("blocks"), in: 0...16))
        }
    }

    private static func families(_ value: SettingsValue) throws(SettingsError) -> [CrystalFamily] {
        var families: [CrystalFamily] = []
        for value in try value.list() { families.append(try value.choice()) }
        guard !families.isEmpty else { throw value.error("no family is left to train on") }
        return families
    }

    private static func batch(_ value: SettingsValue, _ architecture: Architecture) throws(SettingsError) -> Batch {
        try value.mapping { (keys: inout SettingsMapping) throws(SettingsError) in
            let shape = try extents(keys.required("extents"), architecture)
            var seen = shape
            if let value = keys["seen"] {
                guard case .lacuna = architecture else { throw value.error("only our network sees less than a patch") }
                seen = try extents(value, architecture)
                guard zip(seen.extents, shape.extents).allSatisfy({ $0 <= $1 }) else {
                    throw value.error("expected no more than the patch, \(shape), found \(seen)")
                }
            }
            return Batch(
                shape: shape, seen: seen, patches: try keys.required("patches").integer(in: 1...1024),
                gaps: try keys.required("gaps").choice(), share: try keys["share"]?.integer(in: 1...1000) ?? 1)
        }
    }

    /// Extents of a patch, (frame, row, column), that a network can work on.
    private static func extents(
        _ value: SettingsValue, _ architecture: Architecture
    ) throws(SettingsError) -> VolumeShape {
        let extents = try integers(value, in: 1...256)
        if let complaint = architecture.complaint(about: extents) { throw value.error(complaint) }
        return VolumeShape(frames: extents[0], rows: extents[1], columns: extents[2])
    }

    /// Three numbers.
    private static func integers(
        _ value: SettingsValue, in range: ClosedRange<Int>
    ) throws(SettingsError) -> [Int] {
        let list = try value.list()
        guard list.count == 3 else { throw value.error("expected 3 numbers, found \(list.count)") }
        var numbers: [Int] = []
        for value in list { numbers.append(try value.integer(in: range)) }
        return numbers
    }
}

extension [TrainingRecipe.Batch] {
    /// The most rows of a patch.
    fileprivate var largestExtent: Int { map(\.shape.rows).max() ?? 0 }
}

extension TrainingRecipe {
    /// One of the networks of the thesis, shorter than published.
    ///
    /// The thesis makes 3750 steps of 32 patterns at a learning rate of 1e-4. A step here has 8, and the rate is higher, as
    /// the steps are fewer; it falls to nothing over the last third of them.
    ///
    /// - Parameter extent: rows and columns of the patterns, a multiple of ``PlanarNetwork/extentMultiple``.
    public init(planar network: PlanarNetwork, loss: ImageLoss, name: String, seed: UInt64, extent: Int, steps: Int) {
        self.name = name
        self.seed = seed
        architecture = .planar(network, loss: loss)
        families = []
        mirroredShare = 0
        isVaried = false
        precision = .automatic
        self.steps = steps
        learningRate = 4e-4
        warmUpSteps = 10
        coolDownSteps = steps / 3
        averageSteps = 1
        clipNorm = 1
        let shape = VolumeShape(frames: 1, rows: extent, columns: extent)
        batches = [Batch(shape: shape, seen: shape, patches: 8, gaps: .seams, share: 1)]
        validation = Validation(everySteps: max(1, steps / 10), windows: 8, widths: [9])
        checkpointMinutes = 2
    }

    var task: any NetworkTask {
        switch architecture {
        case .lacuna(let network, let weight): GapTask(network: network, uncertaintyWeight: Float(weight))
        case .paper: PaperTask()
        case .planar(let network, let loss):
            PlanarTask(network: network, loss: loss, extent: batches.largestExtent)
        }
    }

    /// The most patches that a step takes.
    var largestBatch: Int { batches.map(\.patches).max() ?? 1 }

    /// The patches of one seed.
    func source(seed: UInt64) -> any PatchSource {
        guard architecture.learnsFromCrystals else { return PlanarStream(seed: seed) }
        var patches = PatchRecipe(seed: seed)
        patches.families = families
        patches.mirrorShare = mirroredShare
        if isVaried { patches.varyMore() }
        return PatchStream(recipe: patches)
    }

    /// The kind of step number `step`, counted from 0: spread evenly in proportion to the shares.
    func batch(ofStep step: Int) -> Batch {
        let period = batches.reduce(0) { $0 + $1.share }
        // The golden ratio visits the places of a period in an even order.
        var place = (step * Self.stride(period)) % period
        for batch in batches {
            if place < batch.share { return batch }
            place -= batch.share
        }
        return batches[0]
    }

    private static func stride(_ period: Int) -> Int {
        func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
        var stride = max(1, Int((Double(period) * 0.618).rounded()))
        while divisor(stride, period) != 1 { stride += 1 }
        return stride
    }

    /// The learning rate of a step: up, level, and down to nothing.
    func learningRate(ofStep step: Int) -> Double {
        let up = min(1, Double(step + 1) / Double(max(1, warmUpSteps)))
        let down = min(1, Double(steps - step) / Double(max(1, coolDownSteps)))
        return learningRate * up * down
    }
}
