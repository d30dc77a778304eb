import Foundation
import Testing

@testable import ScanFiles

@Suite struct HDF5Tests {
    @Test func whatIsWrittenIsReadBack() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.h5"
            do {
                let file = try HDF5File(creating: path)
                let root = try file.root
                try root.setAttribute("creator", to: "lacuna")
                try root.setAttribute("axes", to: ["eta", "y", "x"])
                let group = try root.createGroup("entry")
                try group.write("title", "ascan eta 1 2 3 0.1")
                try group.write("numbers", [1, 2, 3, 4, 5, 6] as [UInt16], shape: [2, 3])
                try group.createSoftLink("link", to: "/entry/numbers")
                try group.createExternalLink("elsewhere", toFile: "other.h5", path: "/data")
            }
            let root = try HDF5File(readingFrom: path).root
            #expect(try root.textAttribute("creator") == "lacuna")
            #expect(try root.textAttribute("axes") == "eta")
            let group = try #require(try root.open("entry").group)
            #expect(try group.names() == ["elsewhere", "link", "numbers", "title"])
            #expect(try group.link("link") == .soft(path: "/entry/numbers"))
            #expect(try group.link("elsewhere") == .external(file: "other.h5", path: "/data"))
            #expect(try group.link("absent") == nil)
            #expect(try #require(try group.open("title").dataset).readText() == "ascan eta 1 2 3 0.1")
            let numbers = try #require(try group.open("link").dataset)
            #expect(numbers.elementType == .uint16 && numbers.shape == [2, 3] && numbers.isNative)
            #expect(try numbers.read(as: Float.self) == [1, 2, 3, 4, 5, 6])
        }
    }

    @Test func chunksNeverWrittenAreSeen() throws {
        try withTemporaryDirectory { directory in
            let root = try HDF5File(creating: "\(directory)/file.h5").root
            let storage = HDF5Storage.deflated(chunk: [1, 4, 4], elementSize: 4)
            let data = try root.createDataset("data", shape: [3, 4, 4], type: .uint32, storage: storage)
            let frame = [UInt32](0..<16)
            try frame.withUnsafeBytes { try data.write(start: [1, 0, 0], extents: [1, 4, 4], as: .uint32, from: $0) }
            #expect(try data.writtenChunkCount() == 1)
            #expect(try data.storedSize(ofChunkAt: [0, 0, 0]) == 0)
            #expect(try data.storedSize(ofChunkAt: [1, 0, 0]) > 0)
            #expect(data.filters.map(\.id) == [HDF5Filter.shuffle, HDF5Filter.deflate])
        }
    }

    @Test func virtualSourcesAreListed() throws {
        try withTemporaryDirectory { directory in
            let root = try HDF5File(creating: "\(directory)/file.h5").root
            let sources = (0..<2).map { index in
                HDF5VirtualSource(
                    file: "scan0001/mpx_000\(index).h5", dataset: "/entry_0000/measurement/data",
                    start: [index * 2, 0, 0], extents: [2, 4, 4], sourceStart: [0, 0, 0], sourceExtents: [2, 4, 4])
            }
            let data = try root.createVirtualDataset(
                "data", shape: [4, 4, 4], type: .uint32, sources: sources, sourceShapes: [[2, 4, 4], [2, 4, 4]])
            #expect(data.layout == .virtual)
            #expect(try data.virtualSources() == sources)
        }
    }

    @Test func aFileThatIsNotHDF5IsRefusedWithItsName() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/garbage.h5"
            try Data("no scan".utf8).write(to: URL(filePath: path))
            let error = #expect(throws: ScanFileError.self) { try HDF5File(readingFrom: path) }
            #expect(error?.path == path)
            #expect(error?.description.contains("expected HDF5, .npz or .npy, found the text “no scan…”") == true)
        }
    }

    @Test func aFileThatIsOpenForWritingInSWMRIsWaitedFor() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file.h5"
            // An empty file as h5py leaves it that is killed in `swmr_mode`.
            let start = "iUhERg0KGgoDCAgFAAAAAAAAAAD//////////7MAAAAAAAAAMAAAAAAAAA"
            let rest = "Ct1gGpT0hEUgIAeAISAAAAAP////////////////////8KAgABAAAAW"
            let zeros = String(repeating: "A", count: 124)
            let bytes = try #require(Data(base64Encoded: start + rest + zeros + "MW5yKw="))
            try bytes.write(to: URL(filePath: path))
            let error = #expect(throws: ScanFileError.self) { try HDF5File(readingFrom: path) }
            #expect(error?.kind == .incomplete && error?.problem.contains("h5clear") == true)
        }
    }
}
