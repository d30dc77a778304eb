/// How values come about from photons: what one photon counts as, and what the readout adds.
public struct PhotonScale: Hashable, Sendable {
    /// The value of one photon, above 0.
    public var photon: Double
    /// The standard deviation that the readout adds to each value, in the same units.
    public var readoutNoise: Double

    public init(photon: Double, readoutNoise: Double = 0) {
        precondition(photon > 0 && readoutNoise >= 0, "a photon counts as something, and noise is not negative")
        self.photon = photon
        self.readoutNoise = readoutNoise
    }

    /// Counts of photons.
    public static let counts = PhotonScale(photon: 1)

    /// The standard uncertainty of a measured value; never 0 below zero.
    @inlinable
    public func uncertainty<Value: BinaryFloatingPoint>(_ value: Value) -> Float {
        Float((Value(photon) * abs(value) + Value(readoutNoise * readoutNoise)).squareRoot())
    }
}

extension DecodedFrames {
    /// Puts the valid voxels into numbers of photons, and 0 where one is below zero.
    ///
    /// - Parameter photon: the value of one photon.
    public mutating func countPhotons(of photon: Double) {
        let photon = Voxel(photon)
        for index in voxels.indices { voxels[index] = max(voxels[index], 0) / photon }
    }
}
