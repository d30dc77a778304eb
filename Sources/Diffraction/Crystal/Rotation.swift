import Foundation

/// A rotation in space, acting on vectors (frame, row, column).
public struct Rotation: Hashable, Sendable {
    private var rows: [SIMD3<Double>]

    /// No rotation.
    public static let identity = Rotation(quaternion: SIMD4(1, 0, 0, 0))

    /// The rotation by `angle` radians about `axis`, right-handed.
    public init(angle: Double, axis: SIMD3<Double>) {
        let vector = axis.normalized * sin(angle / 2)
        self.init(quaternion: SIMD4(cos(angle / 2), vector.x, vector.y, vector.z))
    }

    /// A rotation evenly distributed over all: a normal deviate on the sphere of quaternions.
    public init(using generator: inout SeededGenerator) {
        var quaternion = SIMD4(generator.normal(), generator.normal(), generator.normal(), generator.normal())
        quaternion.w += quaternion == .zero ? 1 : 0
        self.init(quaternion: quaternion / (quaternion * quaternion).sum().squareRoot())
    }

    /// - Parameter quaternion: a unit quaternion, the real part first.
    private init(quaternion q: SIMD4<Double>) {
        let (s, x, y, z) = (q.x, q.y, q.z, q.w)
        rows = [
            SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - s * z), 2 * (x * z + s * y)),
            SIMD3(2 * (x * y + s * z), 1 - 2 * (x * x + z * z), 2 * (y * z - s * x)),
            SIMD3(2 * (x * z - s * y), 2 * (y * z + s * x), 1 - 2 * (x * x + y * y)),
        ]
    }

    public func callAsFunction(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        SIMD3(rows[0].dot(vector), rows[1].dot(vector), rows[2].dot(vector))
    }
}
