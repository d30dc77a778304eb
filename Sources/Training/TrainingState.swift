internal import Foundation
internal import NeuralNetwork

/// Everything that a training needs to go on where it stopped, and how it is kept on disk.
struct TrainingState {
    /// Of the recipe.
    let seed: UInt64
    /// Steps done.
    var step = 0
    /// Wall time spent, in seconds.
    var seconds = 0.0
    var parameters: ParameterSet
    /// The moving average of the parameters, which is what is scored and shipped.
    var average: ParameterSet
    var optimiser: Adam

    init(_ parameters: ParameterSet, seed: UInt64) {
        self.seed = seed
        self.parameters = parameters
        average = parameters
        optimiser = Adam(parameterCount: parameters.values.count)
        optimiser.beta2 = Self.beta2
    }

    /// Makes one step of the optimiser.
    ///
    /// - Returns: whether it changed anything, which gradients that are not finite don't.
    mutating func update(
        gradients: UnsafeMutableBufferPointer<Float>, learningRate: Float, clipNorm: Float, averageSteps: Int
    ) -> Bool {
        let norm = optimiser.step(
            &parameters, gradients: gradients, learningRate: learningRate, clippingNorm: clipNorm)
        step += 1
        // At first the average is one of all steps so far.
        let share = 1 / Float(min(step, averageSteps))
        average.scale(by: 1 - share)
        average.add(parameters, scale: share)
        return norm.isFinite
    }

    /// Forgets a large gradient sooner than the usual 0.999, which steadies a network without normalisation.
    private static let beta2: Float = 0.99
    private static let moments = ["first moment", "second moment"]

    /// Reads what ``write(to:)`` wrote.
    ///
    /// - Throws: an error of `SafeTensors`, or ``TrainingError`` when the file is of another network or seed.
    init(from path: String, graph: NetworkGraph, seed: UInt64) throws {
        let file = try SafeTensors(path: path)
        guard let step = file.metadata["step"].flatMap(Int.init),
            let seconds = file.metadata["seconds"].flatMap(Double.init),
            let updates = file.metadata["updates"].flatMap(Int.init)
        else {
            throw TrainingError(path: path, problem: "no checkpoint of a training: step, seconds and updates expected")
        }
        if let used = file.metadata["seed"], used != "\(seed)" {
            throw TrainingError(path: path, problem: "a training with seed \(used); the recipe's is \(seed)")
        }
        func part(_ prefix: String) throws -> ParameterSet {
            let named = file.tensors.compactMap { name, tensor in
                name.hasPrefix(prefix + "/") ? (String(name.dropFirst(prefix.count + 1)), tensor) : nil
            }
            return try ParameterSet(graph, tensors: SafeTensors(tensors: Dictionary(uniqueKeysWithValues: named)))
        }
        self.init(try part("parameters"), seed: seed)
        average = try part("average")
        optimiser = Adam(
            firstMoment: try part(Self.moments[0]).values, secondMoment: try part(Self.moments[1]).values,
            stepCount: updates)
        optimiser.beta2 = Self.beta2
        self.step = step
        self.seconds = seconds
    }

    /// Writes everything to one file, which appears under its name only once it is whole.
    func write(to path: String) throws {
        func set(_ values: [Float]) -> ParameterSet {
            var set = parameters
            set.withValues { _ = $0.update(fromContentsOf: values) }
            return set
        }
        let parts = [
            ("parameters", parameters), ("average", average), (Self.moments[0], set(optimiser.firstMoment)),
            (Self.moments[1], set(optimiser.secondMoment)),
        ]
        var file = SafeTensors(
            metadata: [
                "seed": "\(seed)", "step": "\(step)", "seconds": "\(seconds)", "updates": "\(optimiser.stepCount)",
            ])
        for (prefix, set) in parts {
            for (name, tensor) in set.safeTensors().tensors { file.tensors["\(prefix)/\(name)"] = tensor }
        }
        try file.write(path: path)
    }
}

/// A training that cannot go on: names the file and what is wrong with it.
public struct TrainingError: Error, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public var description: String { "\(path): \(problem)" }
}
