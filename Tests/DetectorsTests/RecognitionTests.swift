import Detectors
import Testing
import Volume

struct RecognitionTests {
    @Test func limaTypeAndShapeTellMaxipixQuad() throws {
        let recognition = try shippedCatalogue().recognise(
            evidence: [DetectorEvidence(source: .limaType, text: "Maxipix")],
            frame: FrameShape(rows: 516, columns: 516), operations: ImageOperations()
        )
        #expect(recognition.detector.name == "maxipix-2x2")
        #expect(recognition.orientation == .asGiven)
        #expect(recognition.mask == recognition.detector.defaultMask)
        #expect(
            recognition.evidence == [
                "lima type “Maxipix” names maxipix-2x2, maxipix-5x1, maxipix-1x1",
                "frame 516x516 equals the detector's shape",
            ])
    }
}
