import Synchronization

/// The volumes that patches are being cut from; each is made when it is first asked for, by whoever asks.
///
/// Blocks of successive patches draw from a window of volumes that moves on by one volume with each block. A volume
/// that has fallen behind is dropped; asked for again, it is made again, the same.
final class PatternPool: Sendable {
    /// A volume that is being made once and waited for by all others.
    private final class Slot: Sendable {
        let volume = Mutex<PatternVolume?>(nil)
    }

    private struct Window {
        var slots: [Int: Slot] = [:]
        var newest = -1
    }

    private let recipe: PatchRecipe
    private let window = Mutex(Window())

    /// How many volumes behind the newest window are kept, for patches that come late or threads that run ahead.
    static let patience = 16

    init(recipe: PatchRecipe) {
        precondition(recipe.poolSize >= 1 && recipe.patchesPerVolume >= 1, "an empty pool")
        self.recipe = recipe
    }

    /// The volumes among which a patch chooses.
    func candidates(forPatch index: Int) -> Range<Int> {
        let block = index / recipe.patchesPerVolume
        return block..<block + recipe.poolSize
    }

    subscript(index: Int) -> PatternVolume {
        let slot = window.withLock { window in
            if index > window.newest {
                window.newest = index
                let oldest = index - recipe.poolSize - Self.patience
                window.slots = window.slots.filter { $0.key >= oldest }
            }
            if let slot = window.slots[index] { return slot }
            let slot = Slot()
            window.slots[index] = slot
            return slot
        }
        return slot.volume.withLock { volume in
            if let volume { return volume }
            let made = PatternVolume(recipe: recipe, index: index)
            volume = made
            return made
        }
    }
}
