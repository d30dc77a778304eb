import Foundation
import Fourier
import Testing
import Volume

@testable import Diffraction

@Suite struct TrivialAmbiguitiesTests {
    private static let truth: Volume<ComplexFloat> = {
        let shape = VolumeShape(frames: 32, rows: 36, columns: 40)
        var parameters = ScanParameters(shape: shape, oversampling: 3, brightness: .peak(1e6), seed: 8)
        parameters.strain = 2
        return PhasedCrystal(.random, parameters: parameters).object
    }()

    private static let transform = CentredFourierTransform(shape: truth.shape)

    private static func moved(_ object: Volume<ComplexFloat>, by shift: SIMD3<Double>) -> Volume<ComplexFloat> {
        var spectrum = transform.spectrum(of: object)
        LinearPhase(ofShift: -shift, shape: object.shape).remove(from: &spectrum)
        return transform.object(of: spectrum)
    }

    private static func twin(_ object: Volume<ComplexFloat>) -> Volume<ComplexFloat> {
        var spectrum = transform.spectrum(of: object)
        spectrum.storage = spectrum.storage.map(\.conjugate)
        return transform.object(of: spectrum)
    }

    @Test(arguments: [false, true], [SIMD3(0.0, 0, 0), SIMD3(3, -7, 11), SIMD3(-2.3, 0.45, 9.7)])
    func shiftTwinPhaseRampAndScaleAreTakenBack(isTwin: Bool, shift: SIMD3<Double>) {
        var object = Self.truth
        var ramp = LinearPhase(ofShift: SIMD3(0.3, -0.2, 0.4), shape: object.shape)
        ramp.offset = 1.3
        ramp.remove(from: &object)
        if isTwin { object = Self.twin(object) }
        object = Self.moved(object, by: shift)
        object.storage = object.storage.map { $0 * 0.2 }
        let error = ObjectError(of: TrivialAmbiguities.resolved(object, against: Self.truth), against: Self.truth)
        #expect(error.modulus < 5e-3 && error.phase < 2e-3 && error.gradient.max() < 2e-3, "\(error)")
    }

    @Test func whatIsNoAmbiguityStays() {
        var object = Self.truth
        for voxel in object.storage.indices where voxel % 40 > 20 {
            object.storage[voxel] = object.storage[voxel] * ComplexFloat(turns: 0.05)
        }
        let error = ObjectError(of: TrivialAmbiguities.resolved(object, against: Self.truth), against: Self.truth)
        #expect(error.phase > 0.02 && error.gradient.z > 5 * error.gradient.x)
    }
}
