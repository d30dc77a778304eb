import Foundation
import Testing

/// Scans as `lacuna simulate` writes them.
enum Simulated {
    /// Small enough that a scan costs little more than the start of the programs that look at it and fill it.
    static let small = ["--frames", "6", "--roi", "64", "64", "--no-truth"]

    /// Writes a scan and returns the file that stands for it.
    @discardableResult
    static func scan(in directory: URL, _ arguments: [String] = small, _ more: String...) async throws -> URL {
        struct Listing: Decodable { var scan_file: String }
        let all = ["simulate", "--output", directory.plainPath, "--json"] + arguments + more
        let result = try await LacunaProcess.run(LacunaProcess.executable, all)
        try #require(result.status == 0, "\(result.errors)")
        return URL(filePath: try JSONDecoder().decode(Listing.self, from: Data(result.output.utf8)).scan_file)
    }
}

/// A generator whose numbers follow from its seed.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
