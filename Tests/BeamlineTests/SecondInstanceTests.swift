import FlyingSocks
import Foundation
import ServiceLifecycle
import TestSupport
import Testing
import WorkMessages

@testable import Beamline
@testable import StatusSite

/// What another daemon has already is refused in one line, and stays what it is.
@Suite struct SecondInstanceTests {
    @Test func aSocketOrAddressInUseIsRefusedAndGoesOn() async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { daemon in
            let second = daemon.controlServer
            let socket = test.configuration.controlSocket
            #expect(
                throws: BeamlineError.addressInUse(socket, key: "status.socket", process: getpid())
            ) { try second.prepareSocket() }
            let address = test.configuration.statusAddress.map { "\($0)" } ?? ""
            let error = #expect(throws: BeamlineError.self) { try second.requireFreeAddress() }
            #expect(error == .addressInUse(address, key: "status.http", process: getpid()))
            let words = "\(try #require(error))"
            #expect(words.hasPrefix("\(address) is in use by process \(getpid()) ("), "\(words)")
            #expect(!words.contains("\n") && words.contains("status.http"))
            // The first one answers still.
            #expect(try await StatusClient(configuration: test.configuration).status().pid == getpid())
        }
    }

    @Test func aSocketThatWasLeftBehindIsNoOwner() throws {
        let directory = try TemporaryDirectory()
        #expect(ResourceOwner.process(listeningAt: "\(directory.path)/nothing") == nil)
        let file = try directory.write("file", "x")
        #expect(ResourceOwner.process(listeningAt: file) == nil)
    }

    @Test func whoIsNotInTheGroupIsToldSo() {
        let error = BeamlineError.notAllowed("/run/lacuna/lacuna.sock", group: "lacuna", user: "ana")
        #expect("\(error)".contains("add yourself to group lacuna (sudo usermod -aG lacuna ana)"))
    }
}

/// A faulty configuration blinds nobody.
@Suite struct FaultyConfigurationTests {
    @Test(arguments: ["watch: [{path: relative}]", "watch: ][", "surprise: 1", "watch: []"])
    func commandsWorkWithWhatIsInForce(fault: String) async throws {
        let test = try DaemonUnderTest()
        try await test.whileRunning { _ in
            let sound = try String(contentsOfFile: test.configurationFile, encoding: .utf8)
            let watch = sound.split(separator: "\n").first { $0.hasPrefix("watch:") } ?? ""
            try sound.replacing(watch, with: fault).write(
                toFile: test.configurationFile, atomically: true, encoding: .utf8)
            let (found, error) = try Configuration.inForce(test.configurationFile)
            #expect(error != nil)
            #expect(found == test.configuration)
            #expect(try await StatusClient(configuration: found).status().pid == getpid())
        }
    }

    @Test func withoutADaemonTheSocketAndTheStateAreFoundInTheText() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "f.yaml", "version: 9\nstate:\n  directory: /var/x  # here\nstatus: {http: off, socket: '/run/x.sock'}\n")
        let (found, error) = try Configuration.inForce(file)
        #expect(found.stateDirectory == "/var/x" && found.controlSocket == "/run/x.sock" && found.roots.isEmpty)
        #expect("\(try #require(error))".contains("version"))
        #expect(throws: (any Error).self) { try Configuration.inForce("\(directory.path)/nothing") }
    }
}
