internal import Foundation
internal import Subprocess

/// The gnuplot program, which draws the figures in a process of its own.
public enum Gnuplot {
    /// - Throws: ``StudyError/gnuplotMissing``: better before a study than after it.
    public static func requirePresence() async throws {
        _ = try await run("", for: "gnuplot")
    }

    /// Draws a figure as PNG.
    ///
    /// - Throws: ``StudyError``
    public static func draw(_ figure: Figure, to path: String) async throws {
        try await draw(script: figure.script(output: path), to: path)
    }

    /// Lets gnuplot work through a script whose output is `path`.
    static func draw(script: String, to path: String) async throws {
        let complaint = try await run(script, for: path)
        guard FileManager.default.fileExists(atPath: path) else {
            throw StudyError.figureFailed(path: path, message: complaint)
        }
    }

    private static func run(_ script: String, for path: String) async throws -> String {
        do {
            let result = try await Subprocess.run(
                .name("gnuplot"), input: .string(script), output: .discarded, error: .string(limit: 1 << 16))
            let complaint = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            guard case .exited(0) = result.terminationStatus else {
                throw StudyError.figureFailed(path: path, message: complaint)
            }
            return complaint
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw StudyError.gnuplotMissing
        }
    }
}
