internal import Foundation

/// Draws at random by a number that depends on the thing drawn and a seed only, and not on the order of drawing.
struct SeededDraw {
    var seed: UInt64

    /// Evenly distributed over all numbers; the mixer of Steele, Lea and Flood (2014), once for each value.
    func number(_ values: Int...) -> UInt64 {
        values.reduce(seed) { state, value in
            var mixed = (state ^ UInt64(bitPattern: Int64(value))) &+ 0x9E37_79B9_7F4A_7C15
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// When things are taken in the order of this, each comes next with a chance in proportion to its weight.
    ///
    /// - Parameter weight: above 0.
    func rank(of box: VoxelBox, weight: Double) -> Double {
        let bits = number(box.frames.lowerBound, box.rows.lowerBound, box.columns.lowerBound)
        return -log((Double(bits >> 11) + 0.5) * 0x1p-53) / weight
    }
}
