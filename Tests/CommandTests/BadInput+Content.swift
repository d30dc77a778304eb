import Foundation
import ScanFiles
import Testing

// Files that are no scans at all, and scans that were damaged.
extension BadInput {
    static let unreadable: [BadInput] = [
        BadInput(name: "empty file", file: "scan.h5", code: 3, says: ["is empty"], fate: .quarantined) {
            try $0.write([])
        },
        BadInput(
            name: "garbage", file: "scan.h5", code: 3, says: ["expected HDF5, .npz or .npy"], fate: .quarantined
        ) {
            try $0.write((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ $0 >> 3) })
        },
        BadInput(
            name: "text named .h5", file: "scan.h5", code: 3, says: ["expected HDF5, .npz or .npy"], fate: .quarantined
        ) {
            try $0.write("# eta mpx1x4\n18.0 57\n".utf8)
        },
        BadInput(
            name: "text named .npy", file: "scan.npy", code: 3, says: ["expected HDF5, .npz or .npy"],
            fate: .quarantined
        ) {
            try $0.write("18.0 57\n".utf8)
        },
        BadInput(
            name: "HDF5 without a stack", file: "scan.h5", code: 3, says: ["no stack of images", "3 axes"],
            fate: .skipped
        ) {
            try SmallScan.nexus($0.path) { try $0.write("exposure_time", 0.1) }
        },
    ]

    static let damaged: [BadInput] =
        [("after 40 bytes", 0.0), ("in the middle", 0.5), ("near its end", 0.98)].map { words, part in
            BadInput(
                name: "HDF5 cut off \(words)", file: "scan.h5", code: 3, says: ["damaged or still being written"],
                fate: .quarantined
            ) {
                try SmallScan.nexus($0.path)
                try $0.change { $0 = $0.prefix(max(40, Int(Double($0.count) * part))) }
            }
        } + [
            BadInput(
                name: "npy cut off in its header", file: "scan.npy", code: 3, says: ["ends within its header"],
                fate: .quarantined
            ) {
                try $0.write(SmallScan.npy().prefix(50))
            },
            BadInput(
                name: "npy cut off in its values", file: "scan.npy", code: 3,
                says: ["expected 9293 bytes", "found 5000"], fate: .quarantined
            ) {
                try $0.write(SmallScan.npy().prefix(5000))
            },
            BadInput(
                name: "npz cut off", file: "scan.npz", code: 3, says: ["zip", "damaged or still being written"],
                fate: .quarantined
            ) {
                try $0.archive(["data": SmallScan.npy()])
                try $0.change { $0 = $0.prefix(6000) }
            },
            BadInput(
                name: "npz without its directory", file: "scan.npz", code: 3,
                says: ["zip", "damaged or still being written"], fate: .quarantined
            ) {
                try $0.archive(["data": SmallScan.npy()])
                try $0.change { $0 = $0.dropLast(10) }
            },
            BadInput(
                name: "npz with a damaged member", file: "scan.npz", code: 3, says: ["data.npy", "is damaged"],
                fate: .quarantined
            ) {
                try $0.archive(["data": SmallScan.npy()], compressed: true)
                try $0.change { data in for index in 100..<110 { data[index] ^= 0xff } }
            },
            BadInput(
                name: "damaged gzip chunk", file: "scan.h5", code: 3,
                says: [SmallScan.dataset, "frame 2 cannot be read", "inflate"],
                fate: .quarantined
            ) {
                let filter = HDF5Filter(id: HDF5Filter.deflate, name: "deflate", parameters: [4])
                try SmallScan.nexus($0.path, chunk: [1] + SmallScan.image, filters: [filter])
                try $0.damageChunk()
            },
            BadInput(
                name: "damaged bitshuffle-LZ4 chunk", file: "scan.h5", code: 3,
                says: [SmallScan.dataset, "frame 2 cannot be read", "bitshuffle"],
                fate: .quarantined
            ) {
                let filter = HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])
                try SmallScan.nexus($0.path, chunk: [1] + SmallScan.image, filters: [filter])
                try $0.damageChunk()
            },
            BadInput(
                name: "chunk never written, end marker there", file: "scan.h5", code: 3,
                says: ["frame 2 was never written", "promises 6"], fate: .quarantined
            ) {
                try SmallScan.nexus($0.path) { detector in
                    let data = try detector.createDataset(
                        "data", shape: SmallScan.shape, type: .uint16,
                        storage: HDF5Storage(chunk: [1] + SmallScan.image))
                    let counts: [UInt16] = SmallScan.counts([1] + SmallScan.image)
                    for frame in [0, 1, 3, 4, 5] {
                        try counts.withUnsafeBytes {
                            try data.write(start: [frame, 0, 0], extents: [1] + SmallScan.image, as: .uint16, from: $0)
                        }
                    }
                }
                try HDF5File(appendingTo: $0.path).root.open("entry").group?
                    .write("end_time", "2025-06-01T12:00:10+02:00")
            },
            BadInput(
                name: "filter that is not installed", file: "scan.h5", code: 3,
                says: [SmallScan.dataset, "needs the HDF5 filter", "40001", "not available"], fate: .quarantined
            ) {
                let filter = HDF5Filter(id: 40001, name: "secret", parameters: [3], isOptional: true)
                try SmallScan.nexus($0.path, chunk: [1] + SmallScan.image, filters: [filter])
            },
            BadInput(
                name: "bitshuffle-zstd", file: "scan.h5", code: 3, says: ["bitshuffle-zstd", "wrong numbers"],
                fate: .quarantined
            ) {
                let filter = HDF5Filter(id: HDF5Filter.bitshuffle, name: "bitshuffle", parameters: [0, 2])
                try SmallScan.nexus($0.path, chunk: [1] + SmallScan.image, filters: [filter])
                // Element size, block size, and what follows bitshuffle: 2 is LZ4, 3 Zstandard.
                let found = SmallScan.bytes([2, 0, 2] as [UInt32])
                let wanted = SmallScan.bytes([2, 0, 3] as [UInt32])
                try $0.change { data in
                    let place = try #require(data.range(of: found))
                    data.replaceSubrange(place, with: wanted)
                }
            },
        ]
}

extension BadInputPlace {
    /// Flips bits in the stored bytes of the third frame.
    func damageChunk() throws {
        let chunk: [UInt8] = try {
            let entry = try HDF5File(readingFrom: path).root.open("entry").group
            let detector = try entry?.open("instrument").group?.open("detector").group
            return try detector?.open("data").dataset?.readStoredChunk(at: [2, 0, 0]) ?? []
        }()
        try change { data in
            let place = try #require(data.range(of: Data(chunk)))
            for index in place.dropFirst(12).prefix(200) { data[index] ^= 0xa5 }
        }
    }
}
