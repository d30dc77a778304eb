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
        } catch let code as ExitCode {
            // All was said already.
            exit(code.rawValue)
        } catch {
            // Help and the version are "errors" that succeed.
            let code = root.exitCode(for: error)
            if code == .success {
                print(root.fullMessage(for: error))
                exit(0)
            }
            end(
                message: suggestion(for: root) ?? root.fullMessage(for: error),
                code: (code == .validationFailure ? FailureCause.configuration : .internalFailure).exitCode)
        }
    }

    /// The command that was most likely meant where the first argument is none.
    private static func suggestion(for root: (some ParsableCommand).Type) -> String? {
        guard CommandLine.arguments.count > 1 else { return nil }
        let word = CommandLine.arguments[1]
        let names = root.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
        guard !word.hasPrefix("-"), !names.contains(word), word != "help" else { return nil }
        let nearest = names.map { ($0, word.editDistance(to: $0)) }.min { $0.1 < $1.1 }
        let program = root.configuration.commandName ?? "lacuna"
        guard let nearest, nearest.1 <= 2 else {
            return "\(program): there is no command “\(word.onOneLine)”; see `\(program) help`"
        }
        return "\(program): there is no command “\(word.onOneLine)”; did you mean `\(nearest.0)`?"
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

extension String {
    /// Letters to add, leave out or change to come from one word to the other.
    fileprivate func editDistance(to other: String) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, otherLetter) in other.enumerated() {
                let cost = Swift.min(row[column] + 1, row[column + 1] + 1, diagonal + (letter == otherLetter ? 0 : 1))
                (diagonal, row[column + 1]) = (row[column + 1], cost)
            }
        }
        return row[other.count]
    }
}
