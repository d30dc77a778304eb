import Detectors
import Inpainting
import Synchronization
import Volume
import WorkMessages

@testable import ScanProcessing

/// A network that fills with the true fringes and an error of its own making.
struct FakeNetwork: FillerModel {
    let name = "fake"
    /// What is wrong with its fill.
    var fault: Fault
    /// What fine-tuning makes of the fault; `nil` when it cannot learn.
    var faultAfterTraining: Fault?
    let seen = Recorder()

    enum Fault {
        /// As good as kriging, or hardly better.
        case none
        /// Far worse than any interpolation.
        case severe
        /// As good as kriging, with three times its uncertainties.
        case unsure
    }

    /// Stands for an error of the library.
    struct Broken: Error, CustomStringConvertible {
        var description: String
    }
    /// Why it cannot be run.
    var runFailure: Broken?
    /// Why it cannot be trained.
    var trainingFailure: Broken?

    /// What the network was shown.
    final class Recorder: Sendable {
        private let storage = Mutex<(crops: [VolumeShape], widths: [Int])>(([], []))
        private let given = Mutex<[FrameBlock]>([])

        /// The blocks that it was to fill, those of the self-check among them.
        var blocks: [FrameBlock] { given.withLock { $0 } }
        var crops: [VolumeShape] { storage.withLock { $0.crops } }
        var widths: [Int] { storage.withLock { $0.widths } }

        func note(_ parts: [GapFreePart], _ widths: [Int]) {
            storage.withLock { $0 = (parts.map(\.counts.shape), widths) }
        }

        func note(_ block: FrameBlock) { given.withLock { $0.append(block) } }
    }

    func filler(quality: FillQuality) -> any ScanFiller { Filler(model: self, quality: quality) }

    struct Filler: TrainableFiller {
        var model: FakeNetwork
        var quality: FillQuality
        let method = FillMethod.network
        let contextFrames = 8
        var failure: (any Error)? { model.runFailure }

        func fill(_ block: inout FrameBlock) {
            model.seen.note(block)
            Kriging().fill(&block)
            if model.fault == .unsure { block.scaleErrors(by: 3) }
            guard model.fault == .severe else { return }
            for frame in block.frames {
                for pixel in block.plans[frame].fillable.storage.indices
                where block.plans[frame].fillable.storage[pixel] {
                    // Upside down.
                    block.data.storage[frame * block.data.shape.frame.count + pixel] =
                        1000 / (1 + block.data.storage[frame * block.data.shape.frame.count + pixel])
                }
            }
        }

        func fineTuned(
            on parts: [GapFreePart], gapWidths: [Int], steps: Int, goesOn: (any ScanFiller) -> Bool,
            progress: (_ done: Int, _ total: Int) -> Void
        ) throws -> (any ScanFiller)? {
            if let failure = model.trainingFailure { throw failure }
            model.seen.note(parts, gapWidths)
            progress(1, 1)
            return model.faultAfterTraining.map { fault in
                var tuned = self
                tuned.model.fault = fault
                return tuned
            }
        }
    }
}
