import Foundation
import Testing
import Volume

@testable import ScanFiles

/// What other programs leave beside scans is told from scans that are damaged.
@Suite struct OtherContentTests {
    private let stack = StackFile()

    private func kind(_ name: String, _ write: (String) throws -> Void) throws -> ScanFileError.Kind? {
        try withTemporaryDirectory { directory in
            try write("\(directory)/\(name)")
            return try ScanFile.open("\(directory)/\(name)").scans.first?.problem?.kind
        }
    }

    private func numpy(_ name: String, _ bytes: [UInt8]) throws -> ScanFileError.Kind? {
        try kind(name) { try Data(bytes).write(to: URL(filePath: $0)) }
    }

    @Test func arraysThatAreNoScansAreTold() throws {
        let counts = npy(stack.values(UInt16.self), shape: stack.shape.extents)
        #expect(try numpy("s.npy", counts) == nil)
        #expect(try numpy("s.npy", Array(counts.dropLast())) == .input, "a damaged scan is no other file")
        #expect(try numpy("s.npy", npy([1, 2] as [UInt16], shape: [2])) == .noScan)
        #expect(try numpy("s_mask.npy", counts) == .noScan)
        #expect(try numpy("masked_crystal.npy", counts) == nil)
        for type in ["|b1", "<c8", "<U3"] {
            let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (2, 20, 30), }\n"
            let header = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
            #expect(try numpy("s.npy", header + [UInt8](repeating: 0, count: 20_000)) == .noScan, "\(type)")
        }
    }

    @Test func archivesThatAreNoScansAreTold() throws {
        let counts = npy(stack.values(UInt16.self), shape: stack.shape.extents)
        func archive(_ arrays: [(String, [UInt8])]) throws -> ScanFileError.Kind? {
            try kind("s.npz") { try writeArchive(arrays, to: $0) }
        }
        #expect(try archive([("data.npy", counts)]) == nil)
        #expect(try archive([("amp.npy", counts), ("phase.npy", counts)]) == .noScan)
        #expect(try archive([("support.npy", counts)]) == .noScan)
        #expect(try archive([("x.npy", npy([1] as [Float], shape: [1]))]) == .noScan)
    }

    @Test func aReconstructionInCXIIsNoScan() throws {
        func cxi(support: Bool) throws -> ScanFileError.Kind? {
            try kind("r.cxi") { path in
                let image = try HDF5File(creating: path).root.createGroup("entry_1").createGroup("image_1")
                try stack.write("data", in: image, chunk: [1, 20, 30], filters: [])
                if support { try stack.write("support", in: image, chunk: [1, 20, 30], filters: []) }
            }
        }
        #expect(try cxi(support: true) == .noScan)
        #expect(try cxi(support: false) == nil)
    }
}
