import Foundation
import ScanFiles
import Testing

// Stacks of a wrong shape or type, or of a detector that cannot be told.
extension BadInput {
    static let shapes: [BadInput] = [
        BadInput(
            name: "no frame (HDF5)", file: "scan.h5", code: 3, says: ["expected at least one frame", "0x24x32"],
            fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, shape: [0, 24, 32])
        },
        BadInput(
            name: "no frame (npy)", file: "tiny.npy", code: 3, says: ["expected at least one frame", "0x24x32"],
            fate: .quarantined
        ) {
            try $0.write(SmallScan.npy([0, 24, 32]))
        },
        BadInput(name: "one frame", file: "tiny.npy", code: 0, says: ["filled"], fate: .skipped) {
            try $0.write(SmallScan.npy([1, 24, 32]))
        },
        BadInput(
            name: "2D image (HDF5)", file: "scan.h5", code: 3, says: ["expected 3 axes", "found 2: 24x32"],
            fate: .skipped
        ) {
            try SmallScan.nexus($0.path, shape: [24, 32])
        },
        BadInput(
            name: "2D image (npy)", file: "tiny.npy", code: 3, says: ["expected 3 axes", "found 2: 24x32"],
            fate: .skipped
        ) {
            try $0.write(SmallScan.npy([24, 32]))
        },
        BadInput(
            name: "4D stack (HDF5)", file: "scan.h5", code: 3, says: ["expected 3 axes", "found 4: 2x3x24x32"],
            fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, shape: [2, 3, 24, 32])
        },
        BadInput(
            name: "4D stack (npy)", file: "tiny.npy", code: 3, says: ["expected 3 axes", "found 4: 2x3x24x32"],
            fate: .quarantined
        ) {
            try $0.write(SmallScan.npy([2, 3, 24, 32]))
        },
        BadInput(
            name: "HDF5 of an impossible size", file: "scan.h5", code: 3, says: ["expected at most", "1099511627776x"],
            fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) {
                let image = [1 << 20, 1 << 20]
                _ = try $0.createDataset(
                    "data", shape: [1 << 40] + image, type: .uint16, storage: HDF5Storage(chunk: [1, 64, 64]))
            }
        },
    ]

    static let types: [BadInput] =
        [("complex", "compounds"), ("compound", "compounds"), ("text", "text")].map { type, found in
            BadInput(
                name: "HDF5 of \(type) values", file: "scan.h5", arguments: ["--dataset", SmallScan.dataset], code: 3,
                says: [SmallScan.dataset, "expected numbers", "found \(found)"], fate: .skipped
            ) {
                let fixture = LacunaProcess.package.appending(path: "Tests/CommandTests/Fixtures/\(type).h5")
                try $0.write(Data(contentsOf: fixture))
            }
        } + [
            BadInput(
                name: "npy of complex numbers", file: "tiny.npy", code: 3, says: ["expected numbers", "<c8"],
                fate: .skipped
            ) {
                try $0.write(
                    SmallScan.npy(
                        header: "{'descr': '<c8', 'fortran_order': False, 'shape': (6, 24, 32), }",
                        Data(count: 6 * 24 * 32 * 8)))
            },
            BadInput(
                name: "npz of Python objects (a pickle)", file: "tiny.npz", code: 3,
                says: ["data", "expected numbers", "|O"], fate: .skipped
            ) {
                // What numpy.load(allow_pickle=True) would run: os.system("touch pickled").
                let pickle = "cos\nsystem\n(S'touch pickled'\ntR."
                try $0.archive([
                    "data": SmallScan.npy(
                        header: "{'descr': '|O', 'fortran_order': False, 'shape': (6, 24, 32), }", Data(pickle.utf8))
                ])
            },
        ]

    static let detectors: [BadInput] = [
        BadInput(
            name: "unknown detector", file: "scan.h5", code: 3,
            says: ["no known detector is named", "Nonesuch 3000", "24x32"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, detector: "Nonesuch 3000")
        },
        BadInput(
            name: "shape that contradicts the detector", file: "scan.h5", code: 3,
            says: ["contradiction", "tiny of 24x32", "20x30"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, shape: [6, 20, 30])
        },
        BadInput(
            name: "names that contradict one another", file: "scan.h5", code: 3,
            says: ["contradiction", "names tiny", "names mini"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) {
                try $0.write("data", SmallScan.counts() as [UInt16], shape: SmallScan.shape)
                try $0.write("type", "mini")
            }
        },
        BadInput(
            name: "shape without a name", file: "scan.h5", code: 3,
            says: ["nothing names the detector", "24x32", "of this shape: mini, tiny"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, detector: nil)
        },
        BadInput(
            name: "--detector unknown", file: "scan.h5", arguments: ["--detector", "nonesuch"], code: 2,
            says: ["--detector", "nonesuch", "lacuna detectors"], names: "nonesuch", fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
        },
        BadInput(
            name: "--detector of another shape", file: "scan.h5", arguments: ["--detector", "mini"], code: 3,
            says: ["mini of 24x32", "20x30"], fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path, shape: [6, 20, 30])
        },
    ]
}
