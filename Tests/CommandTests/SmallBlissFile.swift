import Foundation
import ScanFiles

/// BLISS dataset files with the frames of several cameras in a scan.
enum SmallBlissFile {
    /// Writes a file with finished scans.
    ///
    /// - Parameters:
    ///   - entries: the shape of the frames of each camera, by the scan's entry.
    ///   - missing: a camera of an entry whose frames lie in a file that is not there.
    static func write(
        _ path: String, _ entries: [String: [String: [Int]]], missing: [String: String] = [:]
    ) throws {
        let root = try HDF5File(creating: path).root
        try root.setAttribute("creator", to: "Bliss")
        for (name, cameras) in entries {
            let entry = try root.createGroup(name)
            try entry.write("title", "ascan eta 1 2 5 1")
            try entry.write("end_time", "2026-11-20T21:01:00+01:00")
            try entry.write("end_reason", "SUCCESS")
            let instrument = try entry.createGroup("instrument")
            for (camera, shape) in cameras {
                let group = try instrument.createGroup(camera)
                try group.setAttribute("NX_class", to: "NXdetector")
                try group.write("data", SmallScan.counts(shape) as [UInt16], shape: shape)
            }
            if let camera = missing[name] {
                let group = try instrument.createGroup(camera)
                try group.setAttribute("NX_class", to: "NXdetector")
                _ = try group.createVirtualDataset(
                    "data", shape: SmallScan.shape, type: .uint16,
                    sources: [
                        HDF5VirtualSource(
                            file: "gone.h5", dataset: "data", start: [0, 0, 0], extents: SmallScan.shape,
                            sourceStart: [], sourceExtents: [])
                    ], sourceShapes: [SmallScan.shape])
            }
        }
    }

    /// Writes a file of links to entries of other files.
    static func link(_ path: String, _ entries: [String: (file: String, entry: String)]) throws {
        let root = try HDF5File(creating: path).root
        try root.setAttribute("creator", to: "Bliss")
        for (name, target) in entries {
            try root.createExternalLink(name, toFile: target.file, path: target.entry)
        }
    }
}
