import Detectors
import Foundation
import Testing
import Volume

/// The bare masks against the list that pyFAI 2026.9 yields, kept beside other measured data outside of the repository.
@Suite(.enabled(if: PyFAIMask.file != nil, "LACUNA_DATA is not set"))
struct PyFAIMaskTests {
    @Test(arguments: try PyFAIMask.all())
    func bareMaskEqualsPyFAIs(_ reference: PyFAIMask) throws {
        let detector = try shippedDetector(reference.detectorName)
        #expect(detector.shape == reference.shape)
        #expect(abs(detector.pixelSizeMetres.slow * 1e6 - reference.pixelSizeMicrometres) < 1e-9)
        #expect(detector.pixelSizeMetres.slow == detector.pixelSizeMetres.fast)
        let (rows, columns) = (reference.shape.rows, reference.shape.columns)
        #expect(detector.mask(.bare) == mask(rows, columns, rows: reference.rows, columns: reference.columns))
    }
}

/// One class of pyFAI as the reference text gives it.
struct PyFAIMask: CustomTestStringConvertible, Sendable {
    let name: String
    let shape: FrameShape
    let pixelSizeMicrometres: Double
    let rows: [Range<Int>]
    let columns: [Range<Int>]

    var testDescription: String { name }

    /// pyFAI's names work here, but for one that stands for the whole family.
    var detectorName: String { ["Maxipix": "maxipix-1x1"][name] ?? name }

    static var file: String? {
        ProcessInfo.processInfo.environment["LACUNA_DATA"].map { $0 + "/masks/pyfai_masks.txt" }
    }

    /// Every class whose mask is made of whole lines, without the XPAD ones, which are not described.
    static func all() throws -> [PyFAIMask] {
        guard let file else { return [] }
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        return try zip(lines, lines.dropFirst()).compactMap { head, body in
            let heading = /^(\w+): shape=\((\d+), (\d+)\).* px=([\d.]+)x/
            let listing = /^ +mask rows \[(.*)\] cols \[(.*)\] total \d+ residual 0$/
            guard let head = try heading.prefixMatch(in: head)?.output, !head.1.lowercased().contains("xpad"),
                let body = try listing.wholeMatch(in: body)?.output
            else { return nil }
            return PyFAIMask(
                name: String(head.1),
                shape: FrameShape(rows: try #require(Int(head.2)), columns: try #require(Int(head.3))),
                pixelSizeMicrometres: try #require(Double(head.4)),
                rows: ranges(body.1), columns: ranges(body.2)
            )
        }
    }

    /// “(256, 260), (516, 520)”.
    private static func ranges(_ text: Substring) -> [Range<Int>] {
        text.matches(of: /\((\d+), (\d+)\)/).compactMap { match in
            guard let first = Int(match.output.1), let last = Int(match.output.2) else { return nil }
            return first..<last
        }
    }
}
