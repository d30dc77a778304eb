public import ArgumentParser
internal import CLinux
internal import Conventions
package import Foundation
internal import Settings
public import WorkMessages

/// Runs a command line; ends with the exit codes that `--help` lists.
package enum CommandLineProgram {
    /// - Parameter root: the program's command.
    package static func run(_ root: (some ParsableCommand).Type) async {
        // The thread pool would tell the system log that an ordinary user may not raise its priority.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        restartWithPatientThreads()
        let programName = root.configuration.commandName ?? "lacuna"
        takeName(programName)
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

    /// Has ps(1), and messages that name this process, call it by its name rather than `exe`, as which it was restarted or
    /// begun by a daemon.
    private static func takeName(_ name: String) {
        try? Data(name.utf8).write(to: URL(filePath: "/proc/self/comm"))
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

/// Ends the program with a message and the exit code of its cause.
package struct CommandFailure: CausedError {
    package var cause: FailureCause
    package var message: String

    package init(_ cause: FailureCause, _ message: String) {
        self.cause = cause
        // The name of a file may hold a line break, and then would look like two messages.
        self.message = message.onOneLine
    }

    /// Takes over the cause of any error of the libraries.
    package init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as any CausedError: self.init(failure.cause, "\(failure)")
        case let failure as SettingsError: self.init(.configuration, failure.description)
        default: self.init(.internalFailure, "\(error)")
        }
    }
}

/// How this process uses the machine; only long-running commands change it.
package enum Machine {
    /// Keeps this process on the first cores that it may use; 0 for all.
    package static func useCores(_ count: Int) {
        if count > 0 { _ = lacuna_use_cores(Int32(clamping: count)) }
    }

    /// Lets freed memory be used again by this process, instead of fetching fresh pages for each large block.
    package static func keepFreedMemory() {
        lacuna_keep_freed_memory()
    }
}

/// Prints one JSON object on standard output, keys sorted.
package func printJSON(_ value: some Encodable, encoder: JSONEncoder = JSONEncoder()) throws {
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}

extension String {
    /// The same text with line breaks and other control characters written as `\n` or `\x1b`.
    package var onOneLine: String {
        unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }.joined()
    }
}

/// An absolute path without `.` and `..`, links left as they are.
package func absolutePath(_ path: String) -> String {
    AbsolutePath.normalised(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
}

// The words that options take.

extension ExposureUse: ExpressibleByArgument {}
extension FillMethod: ExpressibleByArgument {}
extension FillQuality: ExpressibleByArgument {}
extension PhasingMask: ExpressibleByArgument {}
extension SaturatedVoxels: ExpressibleByArgument {}
extension FineTune: ExpressibleByArgument {}
