import Foundation

/// A stack of zeros that takes no room on the disk, however large it is: its values are a hole.
enum HollowArray {
    /// Writes a `.npy` file of 16-bit counts.
    static func write(to file: URL, shape: [Int]) throws {
        let extents = shape.map { "\($0), " }.joined()
        let description = "{'descr': '<u2', 'fortran_order': False, 'shape': (\(extents)), }"
        let header = description.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
        try (Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(header.utf8)).write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: UInt64(128 + shape.reduce(2, *)))
        try handle.close()
    }
}
