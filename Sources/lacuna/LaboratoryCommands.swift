import ArgumentParser
import CommandSupport
import Conventions
import Foundation
import WorkMessages

/// A command of `lacuna-lab`, which is a program and a package of its own: found beside this program or in PATH, and run
/// in its place with the same arguments.
protocol LaboratoryCommand: ParsableCommand {
    var arguments: [String] { get }
}

extension LaboratoryCommand {
    func run() throws {
        let name = Self.configuration.commandName ?? ""
        for program in Laboratory.places {
            let words = [program, name] + arguments
            var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
            execv(program, &pointers)
            for pointer in pointers { free(pointer) }
            guard [ENOENT, ENOTDIR].contains(errno) else {
                throw CommandFailure(.configuration, "\(program) cannot be run: \(String(cString: strerror(errno)))")
            }
        }
        throw CommandFailure(
            .configuration, "\(name) belongs to lacuna-lab, which is not installed: sudo apt install lacuna-lab")
    }
}

private enum Laboratory {
    /// Where the program may lie, in the order of the search.
    static var places: [String] {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return ([AbsolutePath.directory(of: own)] + path.filter { $0.hasPrefix("/") }).map {
            AbsolutePath.joined($0, "lacuna-lab")
        }
    }
}

struct SimulateCommand: LaboratoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Write a realistic scan with known truth (lacuna-lab).", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "See `lacuna simulate --help`.")
    var arguments: [String] = []
}

struct TrainCommand: LaboratoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a network on simulated crystals (lacuna-lab).", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "See `lacuna train --help`.")
    var arguments: [String] = []
}

struct EvaluateCommand: LaboratoryCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Reproduce a study as a table and figures (lacuna-lab).", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "See `lacuna evaluate --help`.")
    var arguments: [String] = []
}
