import Foundation
import ScanFiles

// Masks and datasets that the command line names, and links within files.
extension BadInput {
    static let masks: [BadInput] = [
        mask("mask of a wrong shape (2D)", says: ["expected a mask of 24x32", "found 20x30"]) {
            try $0.write(SmallScan.npy([20, 30]), to: "mask.npy")
        },
        mask("mask of a wrong shape (3D)", says: ["expected a mask of 24x32", "found 5x24x32"]) {
            try $0.write(SmallScan.npy([5, 24, 32]), to: "mask.npy")
        },
        mask("mask that is not there", says: ["no such file"]) { _ in },
        mask("mask that is text", says: ["expected HDF5, .npz or .npy"]) { try $0.write("x".utf8, to: "mask.npy") },
        mask("mask of floating-point nonsense", says: ["expected numbers"]) {
            try $0.write(
                SmallScan.npy(
                    header: "{'descr': '<c8', 'fortran_order': False, 'shape': (24, 32), }", Data(count: 6144)),
                to: "mask.npy")
        },
        mask("mask file without the dataset", "mask.npy::/entry/mask", says: ["/entry/mask", "no such dataset"]) {
            try SmallScan.nexus($0.path("mask.npy"))
        },
        mask("mask that leaves nothing", names: "scan.h5", says: ["nothing was measured", "all 4608 voxels"]) {
            try $0.write(
                SmallScan.npy([UInt8](repeating: 1, count: 24 * 32), SmallScan.image, type: "|u1"), to: "mask.npy")
        },
    ]

    private static func mask(
        _ name: String, _ argument: String = "mask.npy", names: String = "mask.npy", says: [String],
        _ make: @escaping @Sendable (BadInputPlace) throws -> Void
    ) -> BadInput {
        BadInput(
            name: name, file: "scan.h5", arguments: ["--mask", argument], code: 3, says: says, names: names,
            fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
            try make($0)
        }
    }

    static let choices: [BadInput] = [
        BadInput(
            name: "--dataset that is not there", file: "scan.h5", arguments: ["--dataset", "/entry/nothing"], code: 3,
            says: ["/entry/nothing", "no such dataset"], fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
        },
        BadInput(
            name: "--dataset that is a group", file: "scan.h5", arguments: ["--dataset", "/entry/instrument"], code: 3,
            says: ["/entry/instrument", "expected a dataset, found a group"], fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
        },
        BadInput(
            name: "several stacks", file: "scan.h5", code: 3,
            says: ["several stacks", "/entry/instrument/detector/left", "--dataset"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) {
                for name in ["left", "right"] {
                    try $0.write(name, SmallScan.counts() as [UInt16], shape: SmallScan.shape)
                }
            }
        },
        BadInput(
            name: "npz of several stacks", file: "tiny.npz", code: 3, says: ["several stacks", "left", "--dataset"],
            fate: .skipped
        ) {
            try $0.archive(["left": SmallScan.npy(), "right": SmallScan.npy()])
        },
        BadInput(
            name: "--scan for a file without scan numbers", file: "scan.h5", arguments: ["--scan", "3"], code: 3,
            says: ["no scan 3", "nexus", "no scan numbers"], fate: .byHandOnly
        ) {
            try SmallScan.nexus($0.path)
        },
    ]

    static let links: [BadInput] = [
        virtual("virtual dataset without its source", names: "part.bin", says: ["no such file"]) { _ in },
        virtual("virtual dataset over too few frames", names: "part.bin", says: ["expected 6 frames", "found 4"]) {
            try SmallScan.nexus($0.path("part.bin"), shape: [4, 24, 32])
        },
        virtual("virtual dataset over other frames", names: "part.bin", says: ["expected images of 24x32", "6x20x30"]) {
            try SmallScan.nexus($0.path("part.bin"), shape: [6, 20, 30])
        },
        virtual("virtual dataset whose source lacks the dataset", names: "part.bin", says: ["no such dataset"]) {
            try SmallScan.nexus($0.path("part.bin")) { try $0.write("exposure_time", 0.1) }
        },
        virtual("virtual dataset over a cut-off file", names: "part.bin", says: ["damaged or still being written"]) {
            try SmallScan.nexus($0.path("part.bin"))
            try $0.change("part.bin") { $0 = $0.prefix(3000) }
        },
        BadInput(
            name: "virtual dataset with a module for some frames", file: "scan.h5", code: 4,
            says: [SmallScan.dataset, "no source is mapped onto row 13", "frames 4 to 5"], fate: .waiting
        ) {
            try SmallScan.nexus($0.path("part.bin"))
            try SmallScan.nexus($0.path) { detector in
                let sources = [(rows: 0..<11, frames: 6), (rows: 13..<24, frames: 4)].map { rows, frames in
                    HDF5VirtualSource(
                        file: "part.bin", dataset: SmallScan.dataset, start: [0, rows.lowerBound, 0],
                        extents: [frames, rows.count, 32], sourceStart: [0, rows.lowerBound, 0],
                        sourceExtents: [frames, rows.count, 32])
                }
                _ = try detector.createVirtualDataset(
                    "data", shape: SmallScan.shape, type: .uint16, sources: sources,
                    sourceShapes: [SmallScan.shape, SmallScan.shape])
            }
        },
        BadInput(
            name: "frames in a raw file that is too short", file: "scan.h5", code: 3,
            says: ["expected 9216 bytes", "found 5000"], names: "frames.raw", fate: .quarantined
        ) {
            try $0.write([UInt8](repeating: 1, count: 5000), to: "frames.raw")
            try SmallScan.nexus($0.path) {
                try $0.createExternalDataset(
                    "data", shape: SmallScan.shape, type: .uint16, parts: [(name: "frames.raw", offset: 0, size: 9216)])
            }
        },
        virtual("virtual dataset over itself", file: ".", names: "scan.h5", says: ["in a circle"]) { _ in },
        BadInput(
            name: "external link to a missing file", file: "scan.h5", code: 3, says: ["no such file", "/data of"],
            names: "gone.h5", fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) { try $0.createExternalLink("data", toFile: "gone.h5", path: "/data") }
        },
        BadInput(
            name: "external link to a missing path", file: "scan.h5", code: 3,
            says: ["/elsewhere", "no such object"], names: "part.bin", fate: .quarantined
        ) {
            try SmallScan.nexus($0.path("part.bin"))
            try SmallScan.nexus($0.path) { try $0.createExternalLink("data", toFile: "part.bin", path: "/elsewhere") }
        },
        BadInput(
            name: "soft link to itself", file: "scan.h5", code: 3, says: ["in a circle"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) { try $0.createSoftLink("data", to: SmallScan.dataset) }
        },
        BadInput(
            name: "two files that link to each other", file: "scan.h5", code: 3, says: ["in a circle"],
            names: ".h5", fate: .quarantined
        ) {
            try SmallScan.nexus($0.path) {
                try $0.createExternalLink("data", toFile: "other.bin", path: SmallScan.dataset)
            }
            try SmallScan.nexus($0.path("other.bin")) {
                try $0.createExternalLink("data", toFile: "scan.h5", path: SmallScan.dataset)
            }
        },
    ]

    /// A virtual dataset over the frames of another file, whose name is none that a watcher looks at.
    private static func virtual(
        _ name: String, file: String = "part.bin", names: String, says: [String],
        _ make: @escaping @Sendable (BadInputPlace) throws -> Void
    ) -> BadInput {
        BadInput(name: name, file: "scan.h5", code: 3, says: says, names: names, fate: .quarantined) {
            try make($0)
            try SmallScan.nexus($0.path) {
                let source = HDF5VirtualSource(
                    file: file, dataset: SmallScan.dataset, start: [0, 0, 0], extents: SmallScan.shape,
                    sourceStart: [0, 0, 0], sourceExtents: SmallScan.shape)
                _ = try $0.createVirtualDataset(
                    "data", shape: SmallScan.shape, type: .uint16, sources: [source], sourceShapes: [SmallScan.shape])
            }
        }
    }
}
