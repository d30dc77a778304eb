import Testing
import Volume

@testable import Detectors

@Suite struct SensorMaterialTests {
    private static let catalogue = Result { try shippedCatalogue() }

    private func recognise(_ text: String, _ material: String?, _ rows: Int, _ columns: Int) throws -> String {
        let sensor = material.map { [DetectorEvidence(source: .sensorMaterial, text: "\($0) sensor")] } ?? []
        return try Self.catalogue.get().recognise(
            evidence: [DetectorEvidence(source: .nexusDescription, text: text)] + sensor,
            frame: FrameShape(rows: rows, columns: columns), operations: ImageOperations()
        ).detector.name
    }

    @Test(
        arguments: [
            ("EIGER2 4M", "CdTe", 2162, 2068, "eiger2-cdte-4m"), ("EIGER2 4M", nil, 2162, 2068, "eiger2-4m"),
            ("EIGER2 X 9M", "Cadmium Telluride", 3262, 3108, "eiger2-cdte-9m"),
            ("Dectris EIGER2 Si 4M", nil, 2162, 2068, "eiger2-4m"),
            ("dectris eiger2_si_4m", "Si", 2162, 2068, "eiger2-4m"),
            ("Dectris EIGER2 Si 1M, S/N E-02-0299", nil, 1062, 1028, "eiger2-1m"),
            ("EIGER2 4M CdTe", nil, 2162, 2068, "eiger2-cdte-4m"), ("Eiger 4M CdTe", nil, 2162, 2068, "eiger2-cdte-4m"),
            ("EIGER2 R 500K", "CdTe", 512, 1028, "eiger2-cdte-500k"),
            ("Dectris Eiger 500K", "Si", 514, 1030, "eiger-500k"),
            ("PILATUS3 2M", "CdTe", 1679, 1475, "pilatus-cdte-2m"),
            ("PILATUS3 X 1M CdTe", nil, 1043, 981, "pilatus-cdte-1m"),
            ("PILATUS3 X 300K", nil, 619, 487, "pilatus-300k"), ("PILATUS4 2M", "CdTe", 1630, 1553, "pilatus4-cdte-2m"),
            ("Dectris PILATUS4 Si 4M", "Si", 2180, 2073, "pilatus4-4m"),
            ("X-Spectrum Lambda 750K", nil, 516, 1554, "lambda-750k-gaas"),
            ("Dectris EIGER2 Si 16M", "Si", 2162, 2068, "eiger2-4m"),
            ("EIGER2 CdTe 9M", nil, 2162, 2068, "eiger2-cdte-4m"),
            ("Dectris Eiger 16M", "Si", 2167, 2070, "eiger-4m"), ("MerlinEM 4R", nil, 512, 512, "merlin-512"),
            ("Lambda 2M", "GaAs", 1556, 1556, "lambda-2m"), ("Maxipix", "CdTe", 516, 516, "maxipix-2x2"),
        ] as [(String, String?, Int, Int, String)])
    func theMaterialDecides(text: String, material: String?, rows: Int, columns: Int, name: String) throws {
        #expect(try recognise(text, material, rows, columns) == name)
    }

    @Test(
        arguments: [
            ("Dectris EIGER2 CdTe 4M", "Si", 2162, 2068, "tell different sensors"),
            ("PILATUS 100K", "CdTe", 195, 487, "is not that of pilatus-100k"),
            ("Eiger 1M", "CdTe", 1065, 1030, "is not that of eiger-1m"),
            ("Eiger 4M", nil, 2162, 2068, "may be of eiger2-cdte-4m, eiger2-4m"),
            ("EIGER2 S 3.5M-WAXS", "Si", 2162, 2068, "no known detector is named"),
        ] as [(String, String?, Int, Int, String)])
    func aContradictionIsRefused(text: String, material: String?, rows: Int, columns: Int, message: String) throws {
        let error = #expect(throws: RecognitionError.self) { try recognise(text, material, rows, columns) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
}
