import Foundation
import ScanFiles
import Testing

// Scans as an acquisition leaves them, counts that are no measurement, and what NumPy writes.
extension BadInput {
    private static let bliss = "crystal/crystal_0001/crystal_0001.h5"

    static let acquisitions: [BadInput] = [
        BadInput(
            name: "scan that still runs", file: bliss, code: 4, says: ["has not ended", "end_time"], fate: .waiting
        ) {
            try $0.simulate("--crash-after", "4")
        },
        BadInput(
            name: "scan aborted after 2 frames", file: bliss, code: 3,
            says: ["aborted after 2 of 6 frames", "at least 3"], fate: .skipped
        ) {
            try $0.simulate("--abort-after", "2")
        },
        BadInput(
            name: "BLISS scan number that is not there", file: bliss, arguments: ["--scan", "7"], code: 3,
            says: ["no scan 7", "found 1"], fate: .byHandOnly
        ) {
            try $0.simulate()
        },
        BadInput(
            name: "BLISS scan whose detector file is gone", file: bliss, code: 3, says: ["no such file"],
            names: "_0000.h5", fate: .quarantined
        ) {
            try $0.simulate()
            try FileManager.default.removeItem(atPath: $0.path("crystal/crystal_0001/scan0001/quad_0000.h5"))
        },
        BadInput(name: "truth of a simulation", file: "truth.h5", code: 3, says: ["the truth"], fate: .passed) {
            try $0.simulate()
            try FileManager.default.moveItem(
                atPath: $0.path("crystal/crystal_0001/truth.h5"), toPath: $0.path)
            try FileManager.default.removeItem(atPath: $0.path("crystal"))
        },
        BadInput(
            name: "own output", file: "tiny_inpainted.h5", code: 3, says: ["an inpainted scan, written by Lacuna"],
            fate: .passed
        ) {
            try $0.write(SmallScan.npy(), to: "tiny.npy")
            try $0.run("inpaint", "tiny.npy")
            try FileManager.default.removeItem(atPath: $0.path("tiny.npy"))
        },
        BadInput(
            name: "own output under another name", file: "scan.h5", code: 3,
            says: ["an inpainted scan, written by Lacuna"], fate: .passed
        ) {
            try $0.write(SmallScan.npy(), to: "tiny.npy")
            try $0.run("inpaint", "tiny.npy", "--output", "scan.h5")
            try FileManager.default.removeItem(atPath: $0.path("tiny.npy"))
        },
    ]

    static let counts: [BadInput] = [
        nothingMeasured("NaN only", [Float](repeating: .nan, count: 4608)),
        nothingMeasured("flagged voxels only", [UInt32](repeating: .max, count: 4608)),
        nothingMeasured("negative values only", [Int32](repeating: -1, count: 4608)),
        BadInput(
            name: "a few negative values", file: "scan.h5", code: 0, says: ["filled"], fate: .done,
            make: {
                var values: [Int32] = SmallScan.counts()
                for index in stride(from: 700, to: 4608, by: 701) { values[index] = -2 }
                try SmallScan.nexus($0.path, values: values)
            },
            check: { output in
                let data = try HDF5File(readingFrom: output).root.open("entry").group?.open("data").group
                let voxels = try #require(try data?.open("data").dataset).read(as: Float.self)
                // The others lie in the gaps.
                #expect(stride(from: 700, to: 3500, by: 701).allSatisfy { voxels[$0] == -2 })
            }),
        BadInput(
            name: "a frame in which nothing was recorded", file: "scan.h5", code: 0, says: ["filled"], fate: .done,
            make: {
                var values: [UInt16] = SmallScan.counts()
                for index in 2 * 768..<3 * 768 { values[index] = 0 }
                try SmallScan.nexus($0.path, values: values)
            },
            check: { output in
                let data = try HDF5File(readingFrom: output).root.open("entry").group?.open("data").group
                let mask = try #require(try data?.open("data_mask").dataset).read(as: UInt8.self)
                #expect(mask[2 * 768..<3 * 768].allSatisfy { $0 == 1 } && mask.count { $0 == 1 } == 768)
            }),
        BadInput(
            name: "counts above 2^24", file: "scan.h5", code: 0, says: ["filled"], fate: .done,
            make: {
                var values: [UInt32] = SmallScan.counts()
                values[1000] = 16_777_217
                try SmallScan.nexus($0.path, values: values)
            },
            check: { output in
                let entry = try HDF5File(readingFrom: output).root.open("entry").group
                let data = try #require(try entry?.open("data").group?.open("data").dataset)
                #expect(data.elementType == .float64)
                #expect(try data.read(as: Double.self)[1000] == 16_777_217)
            }),
        BadInput(
            name: "counts above 2^53", file: "scan.h5", code: 3, says: ["above 2^53", "without rounding"],
            fate: .quarantined
        ) {
            var values: [UInt64] = SmallScan.counts()
            values[1000] = 1 << 53 + 1
            try SmallScan.nexus($0.path, values: values)
        },
    ]

    private static func nothingMeasured<Number: HDF5Number>(_ name: String, _ values: [Number]) -> BadInput {
        BadInput(
            name: name, file: "scan.h5", code: 3, says: ["nothing was measured", "all 4608 voxels"], fate: .quarantined
        ) {
            try SmallScan.nexus($0.path, values: values)
        }
    }

    static let numpy: [BadInput] = [
        BadInput(
            name: "npz without data", file: "tiny.npz", code: 3,
            says: ["expected an array named data", "found angles, positions"], fate: .skipped
        ) {
            try $0.archive([
                "angles": SmallScan.npy(SmallScan.counts([6]) as [Double], [6], type: "<f8"),
                "positions": SmallScan.npy(SmallScan.counts([6]) as [Double], [6], type: "<f8"),
            ])
        },
        BadInput(
            name: "npz with a mask that says the opposite", file: "tiny.npz", code: 3,
            says: ["masks 100 % of the pixels that tiny measures with, and not its gaps"], fate: .quarantined
        ) {
            let isGap = (0..<24 * 32).map { (11..<13).contains($0 / 32) || (15..<17).contains($0 % 32) }
            try $0.archive([
                "data": SmallScan.npy(),
                "mask": SmallScan.npy(isGap.map { $0 ? 0 : 1 as UInt8 }, [24, 32], type: "|u1"),
            ])
        },
        BadInput(
            name: "npz with such a mask, and no detector's name", file: "scan.npz", code: 3,
            says: ["all counts lie under the mask, and none beside it"], fate: .quarantined
        ) {
            let isSeen = (0..<24 * 32).map { !(11..<13).contains($0 / 32) }
            let counts = (0..<6).flatMap { frame in isSeen.map { $0 ? UInt16(frame + 2) : 0 } }
            try $0.archive([
                "data": SmallScan.npy(counts, SmallScan.shape, type: "<u2"),
                "mask": SmallScan.npy(isSeen.map { $0 ? 1 : 0 as UInt8 }, [24, 32], type: "|u1"),
            ])
        },
        BadInput(name: "npy in Fortran order", file: "tiny.npy", code: 3, says: ["Fortran order"], fate: .quarantined) {
            try $0.write(
                SmallScan.npy(
                    header: "{'descr': '<u2', 'fortran_order': True, 'shape': (6, 24, 32), }",
                    SmallScan.bytes(SmallScan.counts() as [UInt16])))
        },
        BadInput(
            name: "npy of an impossible size", file: "tiny.npy", code: 3,
            says: ["impossible shape", "4611686018427387904"],
            fate: .quarantined
        ) {
            try $0.write(
                SmallScan.npy(
                    header: "{'descr': '<u2', 'fortran_order': False, 'shape': (4611686018427387904, 24, 32), }",
                    SmallScan.bytes(SmallScan.counts() as [UInt16])))
        },
        BadInput(
            name: "npy in big-endian order", file: "tiny.npy", code: 0, says: ["filled"], fate: .done,
            make: {
                let values = (SmallScan.counts() as [UInt16]).map(\.bigEndian)
                try $0.write(SmallScan.npy(values, SmallScan.shape, type: ">u2"))
            },
            check: { output in
                let entry = try HDF5File(readingFrom: output).root.open("entry").group
                let data = try #require(try entry?.open("data").group?.open("data").dataset)
                #expect(
                    try Array(data.read(as: Float.self).prefix(9)) == Array((SmallScan.counts() as [Float]).prefix(9)))
            }),
    ]
}

extension BadInputPlace {
    /// Has a BLISS scan of 6 small frames written here.
    func simulate(_ arguments: String...) throws {
        let all =
            ["simulate", "--output", ".", "--detector", "quad", "--frames", "6", "--counts", "1000"]
            + ["--detector-directory", detectors] + arguments
        let result = try LacunaProcess.runNow(LacunaProcess.executable, all, in: directory)
        try #require(result.status == 0, "\(result.errors)")
    }
}
