import Detectors
import Settings
import Testing
import Volume
import WorkMessages

/// One small detector, described in full.
private let base = """
    name: tiny
    description: Tiny
    shape: [11, 9]
    pixel_size_um: [55, 50]
    names: [little one]
    modules: {size: [5, 4], gap: [1, 1]}
    bad: {rows: [2]}
    saturation: 1e6
    flag_values: [-1, max]
    """

struct CatalogueTests {
    @Test func aDescriptionIsReadInFull() throws {
        let detector = try #require(
            try withDirectory(["a.yaml": base]) { try DetectorCatalogue(directories: [$0])["TINY"] })
        #expect(detector.shape == FrameShape(rows: 11, columns: 9))
        #expect(
            abs(detector.pixelSizeMetres.slow - 55e-6) < 1e-15 && abs(detector.pixelSizeMetres.fast - 50e-6) < 1e-15)
        #expect(detector.saturation == 1e6)
        #expect(detector.flagValues == [.value(-1), .typeMaximum])
        #expect(detector.isEnabled)
        #expect(detector.defaultForm == .bare)
        #expect(detector.defaultMask == mask(11, 9, rows: [5..<6, 2..<3], columns: [4..<5]))
    }

    @Test func threeLinesMaskANewlyDeadBlockAndLeaveTheRest() throws {
        let override = """
            name: Tiny
            bad: {blocks: ["7:9, 0:2"], pixels: ["0, 8"], columns: [7]}
            """
        try withDirectory(["a.yaml": base]) { shipped in
            try withDirectory(["dead.yaml": override]) { local in
                let catalogue = try DetectorCatalogue(directories: [shipped, local, "/no/such/directory"])
                #expect(catalogue.detectors.count == 1)
                let detector = try #require(catalogue["tiny"])
                #expect(detector.description == "Tiny")
                #expect(detector.sources == ["\(shipped)/a.yaml", "\(local)/dead.yaml"])
                #expect(
                    detector.badMask
                        == mask(
                            11, 9, rows: [2..<3], columns: [7..<8], blocks: [(7..<9, 0..<2), (0..<1, 8..<9)]))
                #expect(detector.gapMask(.bare) == mask(11, 9, rows: [5..<6], columns: [4..<5]))
            }
        }
    }

    @Test func anOverrideChangesOnlyTheKeysItGives() throws {
        let first = "name: tiny\nprocessing: {method: kriging, max_gap_pixels: 12, fine_tune: always}\nnames: [dwarf]\n"
        let second = "name: tiny\nenabled: false\nprocessing: {method: linear, edge_pixels: mask, model: /m.lacuna}\n"
        try withDirectory(["a.yaml": base]) { shipped in
            try withDirectory(["1.yaml": first]) { local in
                try withDirectory(["2.yaml": second]) { own in
                    let detector = try #require(try DetectorCatalogue(directories: [shipped, local, own])["dwarf"])
                    #expect(!detector.isEnabled)
                    #expect(detector.names == ["little one", "dwarf"])
                    #expect(detector.processing.method == .linear)
                    #expect(detector.processing.maximumGapPixels == 12)
                    #expect(detector.processing.fineTune == .always)
                    #expect(detector.processing.fineTuneAboveMisfit == nil)
                    #expect(detector.processing.edgePixels == .mask)
                    #expect(detector.processing.model == "/m.lacuna")
                    #expect(detector.saturation == 1e6)
                }
            }
        }
    }

    @Test func aFamilySharesKeysAndItsMembersOverrideThem() throws {
        let family = """
            family: {pixel_size_um: 75, names: [pair], saturation: 10}
            detectors:
              - {name: pair-1, shape: [4, 4]}
              - {name: pair-2, shape: [4, 8], saturation: 20, names: [double]}
            """
        let catalogue = try withDirectory(["f.yaml": family]) { try DetectorCatalogue(directories: [$0]) }
        #expect(catalogue.detectors.map(\.saturation) == [10, 20])
        #expect(catalogue["double"]?.names == ["pair", "double"])
        #expect(catalogue["pair"] == nil)
        #expect(catalogue.detectors(namedBy: "a pair").map(\.name) == ["pair-1", "pair-2"])
    }

    @Test(arguments: [
        ("name: x\nshape: [4, 4]\npixel_size_um: 55\ncolour: red", ":4: colour: unknown key"),
        ("name: x\npixel_size_um: 55", ":1: name: x: the key “shape” is missing"),
        ("name: x\nshape: [4, 4]", ":1: name: x: the key “pixel_size_um” is missing"),
        ("shape: [4, 4]", ":1: the key “name” is missing"),
        ("name: x\nshape: [4]\npixel_size_um: 55", ":2: shape: expected [rows, columns]"),
        (
            "name: x\nshape: [4, 4]\npixel_size_um: 55\nbare:\n  rows: [1, 3:5]",
            ":5: bare.rows[1]: “3:5” lies outside of the 4 rows of the image"
        ),
        (
            "name: x\nshape: [4, 4]\npixel_size_um: 55\nbad:\n  blocks:\n    - 0:2, 4",
            ":6: bad.blocks[0]: “ 4” lies outside of the 4 columns of the image"
        ),
        (
            "name: x\nshape: [4, 4]\npixel_size_um: 55\nedges: {rows: [9223372036854775807]}",
            ":4: edges.rows[0]: “9223372036854775807” lies outside of the 4 rows of the image"
        ),
        ("name: x\nshape: [4, 4]\npixel_size_um: 55\nedges: {rows: [3:3]}", ":4: edges.rows[0]: “3:3” holds no row"),
        ("name: x\nshape: [4, 4]\npixel_size_um: 55\nedges: {rows: [a]}", ":4: edges.rows[0]: “a” is neither a row"),
        (
            "name: x\nshape: [4, 4]\npixel_size_um: 55\nbad: {pixels: [\"1, 0:2\"]}",
            ":4: bad.pixels[0]: expected one pixel"
        ),
        (
            "name: x\nshape: [9, 9]\npixel_size_um: 55\nmodules: {size: [5, 4], gap: [1, 1]}",
            ":1: name: x: modules of 5x4 with gaps of 1x1 do not make up 9x9"
        ),
        (
            "name: x\nshape: [9, 9]\npixel_size_um: 55\nmodules: {size: [4, 4], gap: [1, 1]}\nedge_pixels: {factor: 3}",
            ":1: name: x: a gap of 1 is too narrow for edge pixels of 3"
        ),
        (
            "name: x\nshape: [4, 4]\npixel_size_um: 55\nprocessing: {method: magic}",
            ":4: processing.method: “magic” is not"
        ),
        (
            "detectors:\n  - {name: x, shape: [4, 4], pixel_size_um: 55}\n  - {name: X, shape: [4, 4], pixel_size_um: 55}",
            ":3: detectors[1].name: “X” is described already in"
        ),
    ])
    func faultsNameFileLineAndKey(_ yaml: String, _ message: String) throws {
        try withDirectory(["d.yaml": yaml]) { directory in
            let error = #expect(throws: SettingsError.self) { try DetectorCatalogue(directories: [directory]) }
            #expect(error?.description.hasPrefix("\(directory)/d.yaml\(message)") == true, "\(error as Any)")
        }
    }

    @Test func theSameNameTwiceInOneDirectoryIsAFault() throws {
        try withDirectory(["a.yaml": base, "b.yaml": base]) { directory in
            let error = #expect(throws: SettingsError.self) { try DetectorCatalogue(directories: [directory]) }
            #expect(
                error?.description
                    == "\(directory)/b.yaml:1: name: “tiny” is described already in \(directory)/a.yaml:1")
        }
    }

    @Test func theFirstDirectoryMustExist() {
        #expect(throws: SettingsError.self) { try DetectorCatalogue(directories: ["/no/such/directory"]) }
    }
}
