import Volume

/// Of what atoms a simulated crystal is made.
public struct AtomicModel: Hashable, Sendable {
    public var metal: Metal
    /// The longest edge of the bounding box of the crystal's form along its cubic axes, in nanometres; nil lets the scan
    /// decide.
    public var size: Double?
    /// The Miller indices of the Bragg peak.
    public var reflection: SIMD3<Double>

    public init(_ metal: Metal, size: Double? = nil, reflection: SIMD3<Double> = SIMD3(1, 1, 1)) {
        (self.metal, self.size, self.reflection) = (metal, size, reflection)
    }

    /// A crystal of this model, its atoms at rest.
    ///
    /// - Parameters:
    ///   - orientation: of the cubic axes to (frame, row, column).
    ///   - interface: the direction of the facet that a substrate holds.
    func relaxedCrystal(
        _ form: Crystal, orientation: Rotation, interface: SIMD3<Double>?, for parameters: ScanParameters
    ) -> AtomicCrystal {
        let size = 10 * (size ?? fittingSize(form, orientation: orientation, for: parameters))
        var crystal = AtomicCrystal(metal, form: form, size: size, interface: interface)
        crystal.relax()
        return crystal
    }

    /// The size in nanometres at which the array reaches 0.6 of the way to the next Bragg peaks; at least 8, so that
    /// there is more than surface, and at most 30, which is about a million atoms.
    private func fittingSize(_ form: Crystal, orientation: Rotation, for parameters: ScanParameters) -> Double {
        let shape = parameters.shape
        let ends = SIMD3(Double(shape.frames - 1), Double(shape.rows - 1), Double(shape.columns - 1))
        let reach = pointwiseMax(parameters.peak, ends - parameters.peak)
        let extents = form.rotated(by: orientation).extents / form.extents.max()
        // The lattice is body-centred in reciprocal space: the nearest peaks are √3 / a away.
        let nearest = 3.0.squareRoot() / (0.1 * metal.latticeConstant)
        return min(max((reach / (parameters.oversampling * extents)).max() / (0.6 * nearest), 8), 30)
    }
}
