/// The voxels, (plane, row, column), on which a crystal is sampled, centred on its bounding box.
///
/// They are conjugate to the scan: `voxelsAcross` of them span the crystal along each axis, and the lattice is a few
/// voxels wider. Positions are in units of the longest edge of the crystal's bounding box.
struct ObjectLattice: Sendable {
    let planes: Int
    let rows: Int
    let columns: Int
    /// The edges of one voxel.
    let spacing: SIMD3<Double>
    /// Standard deviation in voxels of the Gaussian that blurs the density, so that its sampling does not alias. The
    /// pattern is divided by the Gaussian's transform.
    let blur: Double
    /// How many voxels outside of a facet or away from an atom the blurred density ends: 4 standard deviations.
    var margin: Double { 4 * blur }

    /// - Parameters:
    ///   - extents: those of the crystal's bounding box.
    ///   - voxelsAcross: how many voxels span each of them; need not be whole.
    ///   - blur: half a voxel suffices for the surface of a body.
    init(extents: SIMD3<Double>, voxelsAcross: SIMD3<Double>, blur: Double = 0.5) {
        spacing = extents / voxelsAcross
        self.blur = blur
        let counts = (voxelsAcross + 8 * blur).rounded(.up)
        (planes, rows, columns) = (Int(counts.x), Int(counts.y), Int(counts.z))
    }

    /// One plane through an object in a square of edge 1, across which `pixels` pixels lie.
    init(squareOfPixels pixels: Double, blur: Double) {
        spacing = SIMD3(repeating: 1 / pixels)
        self.blur = blur
        planes = 1
        rows = Int((pixels + 8 * blur).rounded(.up))
        columns = rows
    }

    /// The position of a voxel's centre.
    func position(plane: Int, row: Int, column: Int) -> SIMD3<Double> {
        let index = SIMD3(Double(plane), Double(row), Double(column))
        return (index - centre) * spacing
    }

    /// Where a position lies, (plane, row, column) in voxels.
    func index(of position: SIMD3<Double>) -> SIMD3<Double> { position / spacing + centre }

    private var centre: SIMD3<Double> { SIMD3(Double(planes - 1), Double(rows - 1), Double(columns - 1)) / 2 }
}
