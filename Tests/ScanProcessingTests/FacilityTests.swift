import Detectors
import Foundation
import TestSupport
import Testing
import Volume
import WorkMessages

@testable import ScanFiles
@testable import ScanProcessing

/// Files laid out as facilities lay them out, of which none says all that is needed, read by the profiles that ship.
@Suite struct FacilityTests {
    /// One facility's file, and what is to be found in it.
    struct Facility: CustomTestStringConvertible, Sendable {
        var profile: String
        /// Below the temporary directory.
        var file: String
        var detector: String
        var evidence: String
        var frame: FrameShape
        var dataset: String
        var title: String?
        var motor: ScannedMotor?
        var state = ScanCompleteness.State.unmarked
        /// Named by the user, where other facilities' files look alike.
        var isNamed = false
        var write: @Sendable (_ root: HDF5Group, _ directory: String, _ stack: StackOfCounts) throws -> Void

        var testDescription: String { "\(profile), \(dataset)" }
    }

    /// Frames of known counts.
    struct StackOfCounts {
        static let frames = 5
        var frame: FrameShape
        var counts: [UInt16] {
            (0..<Self.frames * frame.count).map { UInt16(truncatingIfNeeded: ($0 % 251) &* 7 % 127) }
        }
        let positions = [1.0, 1.5, 2.0, 2.5, 3.0]

        func write(_ name: String, in group: HDF5Group) throws {
            let extents = [Self.frames, frame.rows, frame.columns]
            let data = try group.createDataset(
                name, shape: extents, type: .uint16, storage: HDF5Storage(chunk: [1] + extents.dropFirst()))
            try counts.withUnsafeBytes { try data.write(start: [0, 0, 0], extents: extents, as: .uint16, from: $0) }
        }

        /// In a file of the detector, which a link leads to.
        func write(file: String, linkedAs name: String, in group: HDF5Group, directory: String) throws {
            try write("d", in: HDF5File(creating: "\(directory)/\(file)").root)
            try group.createExternalLink(name, toFile: file, path: "/d")
        }
    }

    static let facilities: [Facility] = [
        Facility(
            profile: "sixs", file: "align_ascan_mu_00042.nxs", detector: "merlin-515", evidence: "profile",
            frame: FrameShape(rows: 515, columns: 515), dataset: "/com/scan_data/data_10", title: "ascan mu",
            motor: ScannedMotor(name: "i14/mu/position", values: [1, 1.5, 2, 2.5, 3], units: "deg"), state: .complete
        ) { root, _, stack in
            let entry = try root.createGroup("com")
            try entry.createGroup("scan_config").write("name", "ascan mu")
            try entry.write("end_time", "2026-11-20T21:01:00")
            let data = try entry.createGroup("scan_data")
            try data.write("actuator_1_1", stack.positions, shape: [5]).setAttribute("long_name", to: "i14/mu/position")
            try data.write("data_01", stack.positions.map { $0 * 7 }, shape: [5])
            try stack.write("data_10", in: data)
        },
        Facility(
            profile: "sixs", file: "fly_00043.nxs", detector: "merlin-512", evidence: "profile",
            frame: FrameShape(rows: 512, columns: 512), dataset: "/com/scan_data/mpx_image",
            motor: ScannedMotor(name: "mu", values: [1, 1.5, 2, 2.5, 3], units: "deg")
        ) { root, _, stack in
            let data = try root.createGroup("com").createGroup("scan_data")
            try data.write("epoch", [5.0, 6, 7, 8, 9], shape: [5])
            try data.write("mu", stack.positions, shape: [5])
            try stack.write("mpx_image", in: data)
        },
        Facility(
            profile: "cristal", file: "mu_scan-0107.nxs", detector: "maxipix-2x2", evidence: "profile",
            frame: FrameShape(rows: 516, columns: 516), dataset: "/exp_0107/scan_data/data_06", title: "omega scan",
            motor: ScannedMotor(name: "actuator_1_1", values: [1, 1.5, 2, 2.5, 3], units: "deg")
        ) { root, _, stack in
            let entry = try root.createGroup("exp_0107")
            try entry.createGroup("scan_config").write("name", "omega scan")
            let data = try entry.createGroup("scan_data")
            try data.write("actuator_1_1", stack.positions, shape: [5])
            try stack.write("data_06", in: data)
        },
        Facility(
            profile: "p10", file: "s_00012/e500/s_00012_master.h5", detector: "eiger-500k", evidence: "profile",
            frame: FrameShape(rows: 514, columns: 1030), dataset: "/entry/data/data_000001"
        ) { root, directory, stack in
            let (entry, detector) = try (root.createGroup("entry"), "instrument/detector")
            _ = try entry.createGroup("instrument").createGroup("detector").createGroup("detectorSpecific")
                .write("nimages", Int32(5))
            _ = detector
            try stack.write(
                file: "s_00012_data_000001.h5", linkedAs: "data_000001", in: entry.createGroup("data"),
                directory: directory + "/s_00012/e500")
        },
        Facility(
            profile: "nanomax", file: "000008.h5", detector: "merlin-515", evidence: "group name “merlin”",
            frame: FrameShape(rows: 515, columns: 515), dataset: "/entry/measurement/merlin/frames",
            title: "fermatscan gonphi",
            motor: ScannedMotor(name: "gonphi", values: [1, 1.5, 2, 2.5, 3], units: "deg")
        ) { root, directory, stack in
            let entry = try root.createGroup("entry")
            try entry.write("description", "fermatscan gonphi")
            _ = try entry.createGroup("snapshots")
            let measurement = try entry.createGroup("measurement")
            try measurement.write("gonphi", stack.positions, shape: [5])
            try stack.write(
                file: "scan_000008_merlin.hdf5", linkedAs: "frames", in: measurement.createGroup("merlin"),
                directory: directory)
        },
        Facility(
            profile: "i16", file: "1040323.nxs", detector: "pilatus-100k", evidence: "group name “pil3_100k”",
            frame: FrameShape(rows: 195, columns: 487), dataset: "/entry/instrument/pil3_100k/data",
            title: "scan eta 1 3 0.5",
            motor: ScannedMotor(name: "eta", values: [1, 1.5, 2, 2.5, 3], units: "deg"), state: .complete
        ) { root, directory, stack in
            let entry = try root.createGroup("entry", nexusClass: "NXentry")
            try entry.write("end_time", "2026-11-20T21:01:00")
            try entry.createGroup("diamond_scan").write("scan_command", "scan eta 1 3 0.5")
            try entry.createGroup("measurement").write("eta", stack.positions, shape: [5])
            try stack.write(
                file: "1040323.hdf", linkedAs: "data",
                in: entry.createGroup("instrument").createGroup("pil3_100k", nexusClass: "NXdetector"),
                directory: directory)
        },
        Facility(
            profile: "34-id-c", file: "Staff_S0012.h5", detector: "34idc-tim2", evidence: "profile",
            frame: FrameShape(rows: 512, columns: 512), dataset: "/entry/instrument/detector/data", isNamed: true
        ) { root, _, stack in
            try stack.write("data", in: root.createDetector().detector)
        },
        Facility(
            profile: "nsls-ii", file: "8d1c_000000.h5", detector: "merlin-515", evidence: "profile",
            frame: FrameShape(rows: 515, columns: 515), dataset: "/entry/instrument/detector/data", isNamed: true
        ) { root, _, stack in
            try stack.write("data", in: root.createDetector().detector)
        },
        Facility(
            profile: "areadetector", file: "ad_0001.h5", detector: "eiger-500k",
            evidence: "nexus description “Dectris Eiger 500K”", frame: FrameShape(rows: 514, columns: 1030),
            dataset: "/entry/instrument/detector/data"
        ) { root, _, stack in
            let (entry, detector) = try root.createDetector()
            let instrument = try #require(try entry.open("instrument").group)
            try instrument.createGroup("NDAttributes").write("Model", "Dectris Eiger 500K")
            try stack.write("data", in: detector)
        },
    ]

    private let catalogue = Result { try DetectorCatalogue(directories: ["\(Package.root)/Config/detectors"]) }
    private let profiles = Result { try ProfileCatalogue(directories: ["\(Package.root)/Config/profiles"]) }

    @Test(arguments: facilities)
    func aFileOfTheFacilityIsRead(facility: Facility) throws {
        let (catalogue, profiles) = try (catalogue.get(), profiles.get())
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/\(facility.file)"
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        let stack = StackOfCounts(frame: facility.frame)
        try facility.write(HDF5File(creating: path).root, directory.path, stack)

        let choice: ProfileChoice =
            facility.isNamed ? .named(try #require(profiles[facility.profile])) : .automatic(profiles)
        let file = try ScanFile.open(path, selection: nil, profile: choice)
            .takingKnownDetectors(MaskChoice(), catalogue)
        let scan = try #require(file.scans.first)
        #expect(file.scans.count == 1 && scan.problem == nil, "\(String(describing: scan.problem))")
        #expect(scan.profile == facility.profile && scan.stack?.dataset == facility.dataset)
        #expect(scan.title == facility.title && scan.scannedMotor == facility.motor)
        #expect(scan.completeness.state == facility.state && scan.completeness.framesWritten == 5)

        let gaps = try ScanGaps(
            of: scan, frame: facility.frame, elementType: .uint16, choice: MaskChoice(), catalogue: catalogue)
        let detector = try #require(catalogue[facility.detector])
        #expect(gaps.detector?.name == facility.detector)
        #expect(gaps.mask == detector.mask(detector.defaultForm))
        #expect(gaps.evidence.contains { $0.hasPrefix(facility.evidence) }, "\(gaps.evidence)")
        let read = try FrameReader(scan).read(frames: 0..<5).decode(flagValues: [])
        #expect(read.voxels == stack.counts.map(Float.init))

        // Nothing but the profile told that.
        guard facility.evidence == "profile" else { return }
        let plain = try ScanFile.open(path).scans.first
        let found = try? plain.map {
            try ScanGaps(
                of: $0, frame: facility.frame, elementType: .uint16, choice: MaskChoice(), catalogue: catalogue)
        }
        #expect(found == nil || plain?.problem != nil)
    }

    @Test func ofSeveralStacksTheKnownDetectorIsTaken() throws {
        let (catalogue, profiles) = try (catalogue.get(), profiles.get())
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/scan_00044.nxs"
        let data = try HDF5File(creating: path).root.createGroup("com").createGroup("scan_data")
        try StackOfCounts(frame: FrameShape(rows: 120, columns: 560)).write("data_03", in: data)
        try StackOfCounts(frame: FrameShape(rows: 515, columns: 515)).write("data_04", in: data)

        let file = try ScanFile.open(path, selection: nil, profile: .automatic(profiles))
            .takingKnownDetectors(MaskChoice(), catalogue)
        let scan = try #require(file.scans.first)
        #expect(file.scans.count == 1 && scan.stack?.dataset == "/com/scan_data/data_04")
        #expect(scan.remarks.contains { $0.contains("data_03 (5x120x560): no known detector") }, "\(scan.remarks)")

        try StackOfCounts(frame: FrameShape(rows: 512, columns: 512)).write("data_05", in: data)
        let both = try ScanFile.open(path, selection: nil, profile: .automatic(profiles))
            .takingKnownDetectors(MaskChoice(), catalogue)
        let problem = try #require(both.scans.first?.problem)
        #expect(problem.problem.contains("frames of several detectors: /com/scan_data/data_04"))
    }

    @Test func aNamedProfileThatDoesNotFitIsRefused() throws {
        let profiles = try profiles.get()
        let sixs = try #require(profiles["sixs"])
        let directory = try TemporaryDirectory()
        func problem(_ name: String, _ write: (HDF5Group) throws -> Void) throws -> String {
            let path = "\(directory.path)/\(name)"
            try write(HDF5File(creating: path).root)
            let file = try ScanFile.open(path, selection: nil, profile: .named(sixs))
            return file.scans.first?.problem?.problem ?? file.notAScan ?? "taken"
        }
        let stack = StackOfCounts(frame: FrameShape(rows: 20, columns: 30))
        #expect(
            try problem("a.nxs") { try stack.write("data", in: $0.createDetector().detector) }
                == "the profile “sixs” does not fit: it expects “com/scan_data” in the file")
        #expect(
            try problem("b.h5") { try stack.write("data_01", in: $0.createGroup("com").createGroup("scan_data")) }
                == "the profile “sixs” does not fit: it is meant for files named “*.nxs”")
        #expect(
            try problem("c.nxs") {
                try $0.createGroup("com").createGroup("scan_data").write("data_01", [1.0, 2], shape: [2])
                try stack.write("data", in: $0.createDetector().detector)
            } == "the profile “sixs” does not fit: no images lie where it expects them")
        #expect(
            try problem("d.nxs") { try $0.createGroup("com").createGroup("scan_data").write("n", [1.0], shape: [1]) }
                .contains("no stack of images"))
        // A file of another layout.
        let bliss = "\(directory.path)/bliss.nxs"
        let root = try HDF5File(creating: bliss).root
        try root.setAttribute("creator", to: "Bliss")
        let entry = try root.createGroup("1.1")
        try entry.write("end_time", "2026-11-20T21:01:00")
        try stack.write("data", in: entry.createGroup("instrument").createGroup("mpx1x4", nexusClass: "NXdetector"))
        let file = try ScanFile.open(bliss, selection: nil, profile: .named(sixs))
        #expect(file.scans.first?.problem?.problem.contains("files than those of the layout bliss dataset") == true)
    }

    /// A shape that no detector of the profile has says so, and a detector that the file names counts before it.
    @Test func theFilesOwnWordCountsBeforeTheProfile() throws {
        let (catalogue, profiles) = try (catalogue.get(), profiles.get())
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.nxs"
        let data = try HDF5File(creating: path).root.createGroup("com").createGroup("scan_data")
        try StackOfCounts(frame: FrameShape(rows: 60, columns: 70)).write("data_01", in: data)
        func scan() throws -> Scan {
            try #require(try ScanFile.open(path, selection: nil, profile: .automatic(profiles)).scans.first)
        }
        func gaps(_ scan: Scan) throws -> ScanGaps {
            try ScanGaps(
                of: scan, frame: try #require(scan.stack).shape.frame, elementType: .uint16, choice: MaskChoice(),
                catalogue: catalogue)
        }
        let error = try #require(throws: ScanFileError.self) { try gaps(scan()) }
        #expect(error.problem.contains("profile “merlin-515, merlin-512” names merlin-515 of 515x515"), "\(error)")

        var named = try scan()
        named.evidence.append(DetectorEvidence(source: .nexusDescription, text: "Eiger 500K"))
        named.stack = nil
        let recognition = try catalogue.recognise(
            evidence: named.evidence, frame: FrameShape(rows: 514, columns: 1030), operations: ImageOperations())
        #expect(recognition.detector.name == "eiger-500k")
    }
}

extension HDF5Group {
    fileprivate func createGroup(_ name: String, nexusClass: String) throws -> HDF5Group {
        let group = try createGroup(name)
        try group.setAttribute("NX_class", to: nexusClass)
        return group
    }

    /// A NeXus entry with an instrument and a detector.
    fileprivate func createDetector() throws -> (entry: HDF5Group, detector: HDF5Group) {
        let entry = try createGroup("entry", nexusClass: "NXentry")
        let instrument = try entry.createGroup("instrument", nexusClass: "NXinstrument")
        return (entry, try instrument.createGroup("detector", nexusClass: "NXdetector"))
    }
}
