import Foundation
import Testing

/// Runs a script of Tests/PythonChecks with the Python that `LACUNA_PYTHON` names; without one, nothing is checked.
func runPython(_ script: String, _ arguments: String...) async throws {
    guard let python = ProcessInfo.processInfo.environment["LACUNA_PYTHON"] else { return }
    let path = LacunaProcess.package.appending(path: "Tests/PythonChecks/\(script)").path(percentEncoded: false)
    let result = try await LacunaProcess.run(URL(filePath: python), [path] + arguments)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
}

/// Whether the Python that `LACUNA_PYTHON` names has a package.
func pythonHas(_ package: String) async throws -> Bool {
    guard let python = ProcessInfo.processInfo.environment["LACUNA_PYTHON"] else { return false }
    let search = "import importlib.util, sys; sys.exit(importlib.util.find_spec('\(package)') is None)"
    return try await LacunaProcess.run(URL(filePath: python), ["-c", search]).status == 0
}
