package import ArgumentParser
internal import Foundation
internal import WorkMessages

/// Runs a command line; ends with the exit codes that `--help` lists.
package enum CommandLineProgram {
    /// - Parameter root: the program's command.
    package static func run(_ root: (some ParsableCommand).Type) async {
        // The thread pool would tell the system log that an ordinary user may not raise its priority.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        restartWithPatientThreads()
        let programName = root.configuration.commandName ?? "lacuna"
        do {
            try Self.requireTextArguments()
            var command = try root.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            end(message: "\(programName): \(failure.message)", code: failure.cause.exitCode)
        } catch {
            // Help and the version are "errors" that succeed.
            let code = root.exitCode(for: error)
            if code == .success {
                print(root.fullMessage(for: error))
                exit(0)
            }
            end(
                message: root.fullMessage(for: error),
                code: (code == .validationFailure ? FailureCause.configuration : .internalFailure).exitCode)
        }
    }

    /// Threads of a network's training that wait for each other burn whole cores unless told before the program starts
    /// (OpenMP's libgomp looks at its environment only then).
    private static func restartWithPatientThreads() {
        guard getenv("OMP_WAIT_POLICY") == nil else { return }
        setenv("OMP_WAIT_POLICY", "passive", 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }

    private static func end(message: String, code: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(code)
    }

    /// Refuses arguments that are not UTF-8: they could only be repaired, and would then name another file.
    private static func requireTextArguments() throws(CommandFailure) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let bytes = CommandLine.unsafeArgv[index] else { continue }
            guard String(validatingCString: bytes) != nil else {
                let shown = String(cString: bytes)
                throw CommandFailure(.input, "argument \(index) (“\(shown)”) is not valid UTF-8; rename the file")
            }
        }
    }
}
